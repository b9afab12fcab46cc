import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import type { PatchType } from '@bramble/shared/api/client.ts'
import { parseJsonBody, parseYamlBody } from './json-body.ts'
import { mediaTypeOf, textOf, unsupportedMediaType } from './object-body.ts'

export const applyType = 'application/apply-patch+yaml'

const types: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  applyType,
]

export type GivenPatch = { readonly type: PatchType; readonly body: unknown; readonly duplicates: readonly string[] }

/** The patch in a request, not yet checked against anything. */
export function patchOf({ body, headers, query }: ApiRequest): GivenPatch {
  const mediaType = mediaTypeOf(headers['content-type'])
  const type = types.find((known) => known === mediaType)
  if (type === undefined) throw unsupportedMediaType(types)
  if (body === undefined) throw badRequest('the patch has no body')
  if (!(body instanceof Uint8Array)) return { type, body, duplicates: [] }
  const parse = type === applyType ? parseYamlBody : parseJsonBody
  const { value, duplicates } = parse(textOf(body), { findDuplicates: query.get('fieldValidation') !== 'Ignore' })
  return { type, body: value, duplicates }
}
