import {
  ApiError,
  badRequest,
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  invalid,
  type Named,
} from '@bramble/shared/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api-request.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import { type Kind, apiVersionOf } from '@bramble/shared/kind.ts'
import { hasMoreParts, maxObjectParts } from '@bramble/shared/object-size.ts'
import type { TypeNode } from '@bramble/shared/type-node.ts'
import type * as z from 'zod'
import type { Call } from './call.ts'
import { cloneJson } from './json.ts'
import { parseJsonBody, parseYamlBody, tooManyParts } from './json-body.ts'
import { decodeProtobufBody } from './protobuf-body.ts'
import { pruneUnknown } from './unknown-fields.ts'
import { type FieldValidation, fieldValidationOf, writeOptionsOf } from './write-query.ts'

/** What a body may be decoded as: a kind, or one of the small types that are only ever posted (Scale, Eviction, DeleteOptions). */
export type BodyType = { readonly apiVersion: string; readonly kind: string; readonly node: TypeNode }

export type DecodedBody = { readonly value: Record<string, unknown>; readonly duplicates: readonly string[] }

const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The JSON value in a request's body, by its content type; from the loopback a copy of the object. */
export function decodeBody({ body, headers, query }: ApiRequest, type: BodyType): DecodedBody {
  if (body === undefined) throw badRequest(`the request needs a body: expected a ${type.kind} (${type.apiVersion})`)
  if (!(body instanceof Uint8Array)) return { value: record(cloneJson(body), type), duplicates: [] }
  const findDuplicates = query.get('fieldValidation') !== 'Ignore'
  const contentType = mediaTypeOf(headers['content-type'])
  switch (contentType) {
    case '':
    case 'application/json': {
      const { value, duplicates } = parseJsonBody(textOf(body), { findDuplicates })
      return { value: record(value, type), duplicates }
    }
    case 'application/yaml': {
      const { value, duplicates } = parseYamlBody(textOf(body), { findDuplicates })
      return { value: record(value, type), duplicates }
    }
    case 'application/vnd.kubernetes.protobuf': {
      const nodeOf = (apiVersion: string, kind: string) => (apiVersion === type.apiVersion && kind === type.kind ? type.node : undefined)
      return { value: record(decodeProtobufBody(body, nodeOf, type), type), duplicates: [] }
    }
    default:
      throw unsupportedMediaType(accepted)
  }
}

export const unsupportedMediaType = (types: readonly string[]) =>
  new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  )

/** `application/json; charset=utf-8` → `application/json` */
export const mediaTypeOf = (header: string | undefined): string => (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

export function textOf(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body)
  } catch (cause) {
    throw badRequest('the body of the request is not valid UTF-8', cause)
  }
}

function record(value: unknown, type: BodyType): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(
      `expected an object of kind ${type.kind}, found ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`,
    )
  // What a body does not say about itself the URL does; `kubectl delete` leaves it to that.
  const { kind = type.kind, apiVersion: given = type.apiVersion } = value as Record<string, unknown> // an object that is no list
  // Every group has its own DeleteOptions, all the same; clients of apps/v1 send that of apps/v1.
  const apiVersion = kind === 'DeleteOptions' && typeof given === 'string' ? type.apiVersion : given
  if (kind !== type.kind || apiVersion !== type.apiVersion)
    throw badRequest(
      `the API version in the data (${String(apiVersion)}, ${String(kind)}) does not match the expected API version (${type.apiVersion}, ${type.kind})`,
    )
  return { ...value, kind, apiVersion }
}

/** A body as an object of the call's kind, with its unknown fields handled as `fieldValidation` says. */
export function objectFromBody(call: Call): KubeObject {
  const { kind, request, api } = call
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind, node: api.kinds.nodeOf(kind) }
  const { value, duplicates } = decodeBody(request, type)
  return objectOf(call, value, duplicates)
}

/** Checks a JSON value against the kind's schema and fills in its defaults. The result is new and may be changed. */
export function objectOf({ kind, api, request, info, warn }: Call, value: object, duplicates: readonly string[] = []): KubeObject {
  if (hasMoreParts(value, maxObjectParts)) throw tooManyParts()
  const { value: known, unknown } = pruneUnknown(api.kinds.nodeOf(kind), value)
  reportUnknown(kind, [...duplicates.map((field) => `duplicate field "${field}"`), ...unknown.map((field) => `unknown field "${field}"`)], {
    mode: fieldValidationOf(request.query, writeOptionsOf(info.verb)),
    warn,
  })
  const parsed = kind.schema.safeParse(known)
  if (!parsed.success) throw schemaError(kind, known, parsed.error)
  kind.setDefaults?.(parsed.data)
  return parsed.data
}

type Validation = { readonly mode: FieldValidation; readonly warn: (text: string) => void }

function reportUnknown(kind: Kind, problems: readonly string[], { mode, warn }: Validation): void {
  if (problems.length === 0 || mode === 'Ignore') return
  if (mode === 'Strict') throw badRequest(cannotBeHandled(kind, `strict decoding error: ${problems.join(', ')}`))
  for (const problem of problems) warn(problem)
}

const cannotBeHandled = ({ kind, group, version }: Named & { readonly version: string }, why: string) =>
  `${kind} in version ${JSON.stringify(apiVersionOf({ group, version }))} cannot be handled as a ${kind}: ${why}`

/**
 * A value of the wrong JSON type is a body that cannot be read (400); a readable value that is not allowed is invalid (422).
 * That is how Kubernetes tells them apart.
 */
export function schemaError(kind: Named & { readonly version: string }, value: unknown, error: z.ZodError): ApiError {
  const problemOf = (issue: Issue) => {
    const flat = flatten(issue)
    return { issue: flat, found: at(value, flat.path) }
  }
  let unreadable: ReturnType<typeof problemOf> | undefined
  for (const issue of error.issues) {
    const problem = problemOf(issue)
    if (problem.found === undefined || !isWrongType(problem.issue)) continue
    unreadable = problem
    break
  }
  if (unreadable !== undefined) {
    const { issue, found } = unreadable
    return badRequest(
      cannotBeHandled(kind, `json: cannot unmarshal ${jsonTypeOf(found)} into field ${pathText(issue.path)}: ${wrongTypeText(issue)}`),
    )
  }
  const name = at(value, ['metadata', 'name'])
  return invalid(
    kind,
    typeof name === 'string' ? name : '',
    error.issues.map((issue) => {
      const { issue: flat, found } = problemOf(issue)
      return fieldError(flat, found)
    }),
  )
}

type Issue = z.core.$ZodIssue

/** Of a union the alternative that came furthest tells most. */
function flatten(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0]
  return deepest === undefined ? issue : { ...flatten(deepest), path: [...issue.path, ...deepest.path] }
}

const isWrongType = (issue: Issue) =>
  issue.code === 'invalid_type' || (issue.code === 'custom' && typeof issue.params === 'object' && 'scalar' in issue.params)

function fieldError(issue: Issue, found: unknown): FieldError {
  const field = pathText(issue.path)
  if (found === undefined) return fieldRequired(field)
  if (issue.code === 'invalid_value') return fieldNotSupported(field, found, issue.values.map(String))
  return fieldInvalid(field, found, issue.message)
}

/** `spec.containers[0].image` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`)).join('')

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined),
    value,
  )

const wrongTypeText = (issue: Issue): string => (issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message)

const jsonTypeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'number'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
