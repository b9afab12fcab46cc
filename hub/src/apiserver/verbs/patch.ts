import type { KubeObject, PatchType } from '@bramble/shared/api/client.ts'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { Verb, WriteCall } from '../call.ts'
import { parseJsonBody, parseYamlBody } from '../bodies/json-body.ts'
import { pruneUnknown } from '../bodies/unknown-fields.ts'
import { mediaTypeOf, objectOf, textOf, unsupportedMediaType } from '../bodies/object-body.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { changeObject, changedResponse } from './change.ts'
import type { Scope } from './scope.ts'

export const patch: Verb<WriteCall> = (call) => patchWithin(call, 'main')

export async function patchWithin(call: WriteCall, scope: Scope) {
  const { type, body, duplicates } = patchOf(call.request)
  const node = call.kind.node
  // Would create what is not there, so it must be refused before anything is looked for.
  if (type === 'application/apply-patch+yaml') applyPatch({ type, patch: body, object: {}, node })
  const patched = (object: object) => applyPatch({ type, patch: body, object, node })
  // What a newer hub has stored there is no mistake of whoever sent the patch.
  const next = (previous: KubeObject) =>
    objectOf(call, patched(previous), { duplicates, ofKnown: () => patched(pruneUnknown(node, previous).value as object) }) // of an object comes an object
  return changedResponse(call, await changeObject(call, { scope, next }))
}

const types: readonly PatchType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

type GivenPatch = { readonly type: PatchType; readonly body: unknown; readonly duplicates: readonly string[] }

/** The patch in a request, not yet checked against anything. */
export function patchOf({ body, headers, query }: ApiRequest): GivenPatch {
  const mediaType = mediaTypeOf(headers['content-type'])
  const type = types.find((known) => known === mediaType)
  if (type === undefined) throw unsupportedMediaType(types)
  if (body === undefined) throw badRequest('the patch has no body')
  if (!(body instanceof Uint8Array)) return { type, body, duplicates: [] }
  const parse = type === 'application/apply-patch+yaml' ? parseYamlBody : parseJsonBody
  const { value, duplicates } = parse(textOf(body), { findDuplicates: query.get('fieldValidation') !== 'Ignore' })
  return { type, body: value, duplicates }
}
