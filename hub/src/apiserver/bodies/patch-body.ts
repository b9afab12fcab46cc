import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import type { PatchType } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { type Quoted, undecodable } from '../patch/undecodable.ts'
import { type ParsedBody, type ParseOptions, parseJsonBody, parseYamlBody } from './json-body.ts'
import { jsonTextOf, mediaTypeOf, sizeOf, unsupportedMediaType, yamlTextOf } from './object-body.ts'
import { stepValues, UnreadableNumber } from './typed-numbers.ts'

export const applyType = 'application/apply-patch+yaml'

const types: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  applyType,
]

export type GivenPatch = Quoted & { readonly type: PatchType; readonly duplicates: readonly string[] }

/** The patch in a request, not yet checked against anything. */
export function patchOf(request: ApiRequest, kind: Pick<Kind, 'node' | 'maxParts' | 'encrypted'>): GivenPatch {
  const given = readPatch(request, kind)
  const { body, onBody } = request
  onBody?.(given.body, { bytes: body instanceof Uint8Array ? body.byteLength : 0, isPatch: true })
  return given
}

function readPatch({ body, headers, query }: ApiRequest, kind: Pick<Kind, 'node' | 'maxParts' | 'encrypted'>): GivenPatch {
  const mediaType = mediaTypeOf(headers['content-type'])
  const type = types.find((known) => known === mediaType)
  if (type === undefined) throw unsupportedMediaType(types)
  if (body === undefined) throw badRequest('the patch has no body')
  const isSealed = kind.encrypted === true
  if (!(body instanceof Uint8Array)) return { type, body, isSealed, duplicates: [] }
  const findDuplicates = query.get('fieldValidation') !== 'Ignore'
  const how = { findDuplicates, isSealed, ...sizeOf(kind) }
  const { value, duplicates } =
    type === applyType ? parseYamlBody(yamlTextOf(body), how) : parseJson(jsonTextOf(body), { ...how, numbers: numbersOf(type, kind.node) })
  return { type, body: value, isSealed, duplicates }
}

function parseJson(text: string, { isSealed, ...how }: ParseOptions & Pick<Quoted, 'isSealed'>): ParsedBody {
  try {
    return parseJsonBody(text, how)
  } catch (error) {
    if (!(error instanceof UnreadableNumber)) throw error
    throw undecodable({ body: parseJsonBody(text, { maxParts: how.maxParts }).value, isSealed }, error.message)
  }
}

/** A strategic merge is made of JSON alone, where 1.0 is 1; what the others make is decoded as what it is meant to be. */
function numbersOf(type: PatchType, node: TypeNode): ParseOptions['numbers'] {
  if (type === 'application/merge-patch+json') return (marked, resolve) => resolve({ root: node, path: [] }, marked)
  return type === 'application/json-patch+json' ? (marked, resolve) => stepValues(node, marked, resolve) : undefined
}
