import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import type { PathRequest, ResourceRequest } from '../../query/request-info.ts'

/** A rule that somebody has by a binding, and by which one. */
export type Granted = { readonly rule: PolicyRule; readonly by: string }

/**
 * What one subject has in one scope, found by group and resource: however many rules there are, only those are looked at that are about what
 * is asked for.
 */
export class Grants {
  readonly #ofResources = new Map<string, Granted[]>()
  readonly #ofPaths: Granted[] = []

  constructor(granted: Iterable<Granted>) {
    for (const one of granted) {
      for (const group of one.rule.apiGroups ?? []) for (const resource of one.rule.resources ?? []) this.#add(`${group}/${resource}`, one)
      if ((one.rule.nonResourceURLs ?? []).length > 0) this.#ofPaths.push(one)
    }
  }

  #add(key: string, one: Granted): void {
    const known = this.#ofResources.get(key)
    if (known === undefined) this.#ofResources.set(key, [one])
    else known.push(one)
  }

  /** The first that allows it. */
  find(request: ResourceRequest | PathRequest): Granted | undefined {
    if (request.type === 'path') return this.#ofPaths.find(({ rule }) => allowsPath(rule, request))
    for (const group of [request.group, '*'])
      for (const resource of namesOf(request)) {
        const found = this.#ofResources
          .get(`${group}/${resource}`)
          ?.find(({ rule }) => hasVerb(rule, request.verb) && hasName(rule, request))
        if (found !== undefined) return found
      }
    return undefined
  }
}

// As rules may name it: `pods`, `pods/log`, `*/log`, `*`. A rule about a resource is not about its subresources.
const namesOf = ({ resource, subresource }: ResourceRequest): readonly string[] =>
  subresource === undefined ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']

const hasVerb = ({ verbs }: PolicyRule, verb: string): boolean => verbs.includes(verb) || verbs.includes('*')

const hasName = ({ resourceNames = [] }: PolicyRule, { name = '' }: ResourceRequest): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name)

const allowsPath = (rule: PolicyRule, { verb, path }: PathRequest): boolean =>
  hasVerb(rule, verb) && (rule.nonResourceURLs ?? []).some((url) => coversPath(url, path))

/** `*` at the end stands for whatever follows. */
export const coversPath = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))
