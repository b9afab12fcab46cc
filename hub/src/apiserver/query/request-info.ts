import type { Method } from '@bramble/shared/api/api-request.ts'
import { type FieldSelector, parseFieldSelector } from '@bramble/shared/meta/field-selector.ts'

export const readVerbs = ['get', 'list', 'watch'] as const
export const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const
export type ReadVerb = (typeof readVerbs)[number]
export type WriteVerb = (typeof writeVerbs)[number]
export type RequestVerb = ReadVerb | WriteVerb

export const isOfMany = (verb: string): boolean => verb === 'list' || verb === 'watch' || verb === 'deletecollection'

export type ResourceRequest = {
  readonly type: 'resource'
  readonly verb: RequestVerb
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** What a request about many insists on in its field selector: an authorizer may allow just that. */
  readonly fields?: FieldSelector
}
/** Everything that is not about a resource: `/version`, `/openapi/v3`, discovery. */
export type PathRequest = { readonly type: 'path'; readonly verb: string; readonly path: string }
export type RequestInfo = ResourceRequest | PathRequest

/** Reads from method, path and query what is asked, by the rules of the Kubernetes REST conventions. */
export function requestInfo(method: Method, path: string, query: URLSearchParams): RequestInfo {
  const [root, ...parts] = path.split('/').filter((part) => part !== '')
  const [group, version, ...rest] = root === 'api' ? ['', ...parts] : parts
  const plain: PathRequest = { type: 'path', verb: method.toLowerCase(), path }
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined || rest.length === 0) return plain

  const target = targetOf(rest)
  if (target === undefined) return plain
  const verb = verbOf(method, target.name !== undefined, query)
  const selector = isOfMany(verb) ? query.get('fieldSelector') : null
  if (selector === null) return { type: 'resource', verb, group, version, ...target }
  const fields = insistedOn(selector)
  const name = requiredField(fields, 'metadata.name')
  return { type: 'resource', verb, group, version, ...target, fields, ...(name !== undefined && { name }) }
}

/** How many parts of a path, from the resource's root on, lead to a collection: `namespaces/a/pods`, or `pods`. */
export const partsToCollection = (parts: readonly string[]): number => (parts[0] === 'namespaces' && parts.length > 2 ? 3 : 1)

/** Whether the path leads through a namespace. A Namespace is in itself, which leads nowhere else. */
export const isInNamespace = ({ resource, namespace, name }: ResourceRequest): boolean =>
  namespace !== undefined && !(resource === 'namespaces' && namespace === name)

type Target = { resource: string; namespace?: string; name?: string; subresource?: string }

function targetOf(parts: readonly string[]): Target | undefined {
  const [first, second, third, ...rest] = parts
  if (first === undefined) return undefined
  const isNamespaceItself = first === 'namespaces' && (third === undefined || third === 'status' || third === 'finalize')
  if (first === 'namespaces' && !isNamespaceItself) return { namespace: second ?? '', ...item([third ?? '', ...rest]) }
  const target = item(parts)
  return isNamespaceItself && target.name !== undefined ? { ...target, namespace: target.name } : target
}

/** What is asked of what is behind a proxy is no part of the API. */
const item = ([resource = '', name, ...subresource]: readonly string[]): Target => ({
  resource,
  ...(name !== undefined && { name }),
  ...(subresource.length > 0 && { subresource: subresource[0] === 'proxy' ? 'proxy' : subresource.join('/') }),
})

function verbOf(method: Method, named: boolean, query: URLSearchParams): RequestVerb {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return named ? 'delete' : 'deletecollection'
    case 'GET':
      if (named) return 'get'
      return isTrue(query.get('watch')) ? 'watch' : 'list'
    default:
      return method satisfies never
  }
}

/**
 * What a field selector insists on. An authorizer may allow just that, so it is read by the same parser that selects: two readings of one
 * text would be a way around the check. One that cannot be parsed insists on nothing and is refused later.
 */
export function insistedOn(selector: string): FieldSelector {
  try {
    return parseFieldSelector(selector)
  } catch {
    return []
  }
}

/** The one value that a field must have. */
export const requiredField = (fields: FieldSelector | undefined, field: string): string | undefined =>
  fields?.find((term) => term.field === field && term.operator === '=')?.value

/** Booleans of a query, as Go's parser and Kubernetes' habits have them: present but empty is true. */
export const isTrue = (value: string | null): boolean => value !== null && !['0', 'false'].includes(value.toLowerCase())
