import { type FieldError, invalid, isApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Verb, WriteCall } from '../call.ts'
import { cloneJson } from '../json.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { decide, forbidden } from '../authz/authorizer.ts'
import { checkSameObject } from '../bodies/body-of.ts'
import { checkRevisionIn } from '../query/resource-version.ts'
import { changeObject, changedResponse } from './change.ts'
import { createFrom } from './create.ts'

export const update: Verb<WriteCall> = async (call) => {
  const body = objectFromBody(call)
  const created = await createdInstead(call)
  if (created !== undefined) return created
  checkRevision(call, body)
  const next = (previous: KubeObject): KubeObject => {
    const copy = cloneJson(body)
    call.kind.keepUnsaid?.(copy, previous)
    return copy
  }
  return changedResponse(call, await changeObject(call, { scope: 'main', next }))
}

const noRevision: FieldError = {
  reason: 'FieldValueInvalid',
  field: 'metadata.resourceVersion',
  message: 'Invalid value: 0: must be specified for an update',
}

/** Of some kinds nobody may write what he has not read. */
export function checkRevision({ api, kind, info }: WriteCall, { metadata: { name, resourceVersion = '' } }: KubeObject): void {
  if (kind.needsRevision !== true || /[^0]/.test(resourceVersion)) return
  // What is not there is told first.
  if (api.registry.find(kind, info.namespace, info.name ?? '') !== undefined) throw invalid(kind, name, [noRevision])
}

/** Of some kinds a PUT makes what is not there, for whoever may make it. */
async function createdInstead(call: WriteCall): Promise<ApiResponse | undefined> {
  const { api, kind, info, caller } = call
  if (kind.createsOnUpdate !== true || api.registry.find(kind, info.namespace, info.name ?? '') !== undefined) return undefined
  const attributes = { user: caller.user, info: { ...info, verb: 'create' as const } }
  const decision = decide(api.authorizers, attributes)
  if (decision.type !== 'allow') throw forbidden(attributes, decision.reason ?? '')
  try {
    return await createFrom(call, () => asNamedInPath(call))
  } catch (error) {
    // Somebody else made it in the meantime: then it is there to be updated.
    if (isApiError(error, 'AlreadyExists') && api.registry.find(kind, info.namespace, info.name ?? '') !== undefined) return undefined
    throw error
  }
}

/** A revision of what is not there says nothing. */
function asNamedInPath(call: WriteCall): KubeObject {
  const body = objectFromBody(call)
  const { metadata } = body
  checkRevisionIn(metadata)
  if (metadata.name === '') metadata.name = call.info.name ?? ''
  checkSameObject(call.kind.namespaced ? metadata : { name: metadata.name }, call.info)
  delete metadata.resourceVersion
  return body
}
