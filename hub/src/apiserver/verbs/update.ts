import { fieldInvalid, invalid } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Verb, WriteCall } from '../call.ts'
import { cloneJson } from '../json.ts'
import { objectFromBody } from '../bodies/object-body.ts'
import { changeObject, changedResponse } from './change.ts'

export const update: Verb<WriteCall> = async (call) => {
  const body = objectFromBody(call)
  const { resourceVersion = '', name } = body.metadata
  if (call.kind.needsRevision === true && (resourceVersion === '' || resourceVersion === '0'))
    throw invalid(call.kind, name, [fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update')])
  const next = (previous: KubeObject): KubeObject => {
    const copy = cloneJson(body)
    call.kind.keepUnsaid?.(copy, previous)
    return copy
  }
  return changedResponse(call, await changeObject(call, { scope: 'main', next }))
}
