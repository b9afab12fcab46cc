import { ApiError, badRequest, isApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type Kind, type WithStatus, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { versionOf } from '@bramble/shared/schema/api-version.ts'
import { hasMoreParts, maxObjectParts } from '@bramble/shared/api/object-size.ts'
import { cannotBeHandled } from '@bramble/shared/schema/schema-error.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { WriteCall } from '../call.ts'
import { cloneJson } from '../json.ts'
import { markDoubt } from './doubt.ts'
import { type ParseOptions, parseJsonBody, parseYamlBody, tooManyParts } from './json-body.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { decodeProtobufBody } from './protobuf-body.ts'
import { UnreadableNumber } from './typed-numbers.ts'
import { withStatusOf } from '../objects/with-status.ts'
import { noVersionAndKind, otherType, readable, untyped } from './unfit-body.ts'
import { pruneUnknown } from './unknown-fields.ts'
import type { FieldValidation } from '../query/write-query.ts'

/** What a body may be decoded as: a kind, or one of the small types that are only ever posted (Scale, Eviction, DeleteOptions). */
export type BodyType = { readonly apiVersion: string; readonly kind: string; readonly node: TypeNode } & Pick<Kind, 'maxParts'>

export type DecodedBody = { readonly value: Record<string, unknown>; readonly duplicates: readonly string[] }

const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** The JSON value in a request's body, by its content type; from the loopback a copy of the object. */
export function decodeBody(request: ApiRequest, type: BodyType): DecodedBody {
  const decoded = decodedBody(request, type)
  const { body, onBody } = request
  onBody?.(decoded.value, { bytes: body instanceof Uint8Array ? body.byteLength : 0 })
  return decoded
}

function decodedBody({ body, headers, query }: ApiRequest, type: BodyType): DecodedBody {
  if (body === undefined) throw badRequest(`the request needs a body: expected a ${type.kind} (${type.apiVersion})`)
  if (!(body instanceof Uint8Array)) return { value: record(cloneJson(body), type), duplicates: [] }
  const findDuplicates = query.get('fieldValidation') !== 'Ignore'
  const contentType = mediaTypeOf(headers['content-type'])
  switch (contentType) {
    case '':
    case 'application/json': {
      const { value, duplicates } = jsonOf(jsonTextOf(body), findDuplicates, type)
      return { value: record(value, type), duplicates }
    }
    case 'application/yaml': {
      const { value, duplicates } = readable(type, () => parseYamlBody(yamlTextOf(body), { findDuplicates, ...sizeOf(type) }))
      return { value: record(value, type), duplicates }
    }
    case 'application/vnd.kubernetes.protobuf': {
      if (isPlain(type)) throw unsupportedMediaType(accepted.slice(0, 2))
      const nodeOf = (apiVersion: string, kind: string) => (apiVersion === type.apiVersion && kind === type.kind ? type.node : undefined)
      return { value: record(decodeProtobufBody(body, nodeOf, type), type), duplicates: [] }
    }
    default:
      throw unsupportedMediaType(isPlain(type) ? accepted.slice(0, 2) : accepted)
  }
}

function jsonOf(text: string, findDuplicates: boolean, type: BodyType): ReturnType<typeof parseJsonBody> {
  const { node, kind, apiVersion } = type
  const numbers: ParseOptions['numbers'] = (marked, resolve) => resolve({ root: node, path: [] }, marked)
  try {
    return readable(type, () => parseJsonBody(text, { findDuplicates, numbers, ...sizeOf(type) }), noVersionAndKind)
  } catch (error) {
    if (!(error instanceof UnreadableNumber)) throw error
    throw badRequest(cannotBeHandled({ kind, version: versionOf(apiVersion) }, error.message), error)
  }
}

export const sizeOf = ({ maxParts }: Pick<Kind, 'maxParts'>): Pick<ParseOptions, 'maxParts'> => (maxParts === undefined ? {} : { maxParts })

/** Has no numbers that a protobuf body could name its fields by. */
const isPlain = ({ node }: BodyType): boolean => node.tag === 'object' && node.plain

export const unsupportedMediaType = (types: readonly string[]) =>
  new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  )

/** `application/json; charset=utf-8` → `application/json` */
export const mediaTypeOf = (header: string | undefined): string => (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const lenientUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** As Go reads JSON: what is no UTF-8 is U+FFFD, which is fine within a text, and a mark of byte order is no JSON. */
export const jsonTextOf = (body: Uint8Array): string => lenientUtf8.decode(body)

/** YAML must be UTF-8. */
export function yamlTextOf(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body)
  } catch (cause) {
    throw badRequest('the body of the request is not valid UTF-8', cause)
  }
}

function record(value: unknown, type: BodyType): Record<string, unknown> {
  if (typeof value !== 'object' || Array.isArray(value)) throw untyped(type, value)
  const object = (value ?? {}) as Record<string, unknown> // an object that is no list
  // What a body does not say about itself the URL does; `kubectl delete` leaves it to that.
  const { kind, apiVersion: given } = saidOfType(object, type)
  if (typeof given !== 'string') throw untyped(type, given, 'apiVersion')
  if (typeof kind !== 'string') throw untyped(type, kind, 'kind')
  // Every group has its own DeleteOptions, all the same; clients of apps/v1 send that of apps/v1.
  const apiVersion = kind === 'DeleteOptions' ? type.apiVersion : given
  if (kind === type.kind && apiVersion === type.apiVersion) return { ...object, kind, apiVersion }
  const name = isObject(object['metadata']) ? object['metadata']['name'] : undefined
  throw otherType({ ...type, isCustom: isPlain(type) }, { kind, apiVersion }, typeof name === 'string' ? name : '')
}

/** An empty text is none, as everywhere in Go. */
export function saidOfType(value: Readonly<Record<string, unknown>>, type: Pick<BodyType, 'kind' | 'apiVersion'>) {
  const said = (name: 'kind' | 'apiVersion') =>
    value[name] === undefined || value[name] === null || value[name] === '' ? type[name] : value[name]
  return { kind: said('kind'), apiVersion: said('apiVersion') }
}

/** A body as an object of the call's kind, with its unknown fields handled as `fieldValidation` says. */
export function objectFromBody(call: WriteCall): KubeObject {
  const { kind, request } = call
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind, node: kind.node, ...sizeOf(kind) }
  const { value, duplicates } = decodeBody(request, type)
  return objectOf(call, value, { duplicates })
}

type Found = {
  /** Keys that the body has twice. */
  readonly duplicates: readonly string[]
  /** The same as it would be without unknown fields that were there before: those are not reported. */
  readonly ofKnown?: () => object
  /** Of a change of the status: what is stored, frozen. Members that are the very same in the value were checked when they were stored. */
  readonly stored?: KubeObject
}

/**
 * Checks a JSON value against the kind's schema and fills in its defaults. The result is new and may be changed, but for what it shares with what is
 * stored.
 */
export function objectOf(call: WriteCall, value: object, { duplicates, ofKnown, stored }: Found): KubeObject {
  const { kind, fieldValidation, warn } = call
  const { maxParts = maxObjectParts } = kind
  if (hasMoreParts(value, maxParts)) throw tooManyParts(maxParts)
  const part = stored === undefined || kind.statusRules === undefined ? undefined : statusPart(value, stored)
  const { value: known, unknown: all } = pruneUnknown(kind.node, part ?? value)
  const unknown = all.length === 0 || ofKnown === undefined ? all : pruneUnknown(kind.node, ofKnown()).unknown
  reportUnknown(kind, [...duplicates.map((field) => `duplicate field "${field}"`), ...unknown.map((field) => `unknown field "${field}"`)], {
    mode: fieldValidation,
    warn,
  })
  const status = part === undefined ? undefined : kind.parseStatus?.(known)
  if (status?.ok === true && stored !== undefined) {
    const changed = withStatusOf(status.object, { ...stored, metadata: status.object.metadata })
    kind.statusRules?.setDefaults?.(changed)
    return changed
  }
  // Whatever is wrong with it is told as of any object.
  return wholeOf(call, part === undefined ? known : pruneUnknown(kind.node, value).value)
}

function wholeOf(call: WriteCall, known: unknown): KubeObject {
  const { kind } = call
  const parsed = kind.parse(known)
  const object = parsed.ok ? parsed.object : isApiError(parsed.error, 'Invalid') ? kind.parseInDoubt?.(known) : undefined
  if (object === undefined) throw parsed.ok ? new Error('what was parsed is an object') : parsed.error
  if (!parsed.ok) markDoubt(call)
  kind.setDefaults?.(object)
  return object
}

/** Metadata and status of a value that is for the rest what is stored; undefined: more of it was touched. */
function statusPart(value: object, stored: KubeObject): object | undefined {
  const [given, known] = [new Map(Object.entries(value)), new Map(Object.entries(stored))]
  const isChanged = (name: string) => name !== 'metadata' && name !== 'status' && given.get(name) !== known.get(name)
  if ([...given.keys(), ...known.keys()].some(isChanged)) return undefined
  const { apiVersion, kind, metadata, status } = value as WithStatus // as its members say, which are yet to be checked
  return { apiVersion, kind, metadata, ...(status !== undefined && { status }) }
}

type Validation = { readonly mode: FieldValidation; readonly warn: (text: string) => void }

function reportUnknown(kind: Kind, problems: readonly string[], { mode, warn }: Validation): void {
  if (problems.length === 0 || mode === 'Ignore') return
  if (mode === 'Strict') throw badRequest(cannotBeHandled(kind, `strict decoding error: ${problems.join(', ')}`))
  for (const problem of problems) warn(problem)
}
