import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { cannotBeHandled } from '@bramble/shared/schema/schema-error.ts'
import { objectOf } from '../bodies/object-body.ts'
import { applyType, type GivenPatch, patchOf } from '../bodies/patch-body.ts'
import type { Verb, WriteCall } from '../call.ts'
import { asGiven } from '../bodies/as-given.ts'
import { withOwners } from '../ownership/with-owners.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { ofType } from '../bodies/patched-type.ts'
import { decoded } from '../patch/undecodable.ts'
import { applyWithin } from './apply.ts'
import { changeObject, changedResponse } from './change.ts'
import type { Scope } from './scope.ts'

export const patch: Verb<WriteCall> = (call) => patchWithin(call, 'main')

export async function patchWithin(call: WriteCall, scope: Scope) {
  const { node } = call.kind
  const given = patchOf(call.request, call.kind)
  const { type, body, duplicates } = given
  if (type === applyType) return applyWithin(call, scope, given)
  const own = { apiVersion: apiVersionOf(call.kind), kind: call.kind.kind }
  const patched = (object: object) => ofType(own, given, applyPatch({ type, patch: body, object, node }))
  const next = (previous: KubeObject, owners: string | undefined) => {
    const object = asksForOwners(given) ? withOwners(previous, owners) : previous
    // What a newer hub has stored there is no mistake of whoever sent the patch.
    const ofKnown = () => patched(asGiven(call.kind, object))
    const made = patched(object)
    return decoded({ given, made, node, prefix: cannotBeHandled(call.kind, '') }, () =>
      objectOf(call, made, { duplicates, ofKnown, ...(scope === 'status' && { stored: previous }) }),
    )
  }
  return changedResponse(call, await changeObject(call, { scope, next }))
}

/** Whether a patch is about what an object is told without in here. One that merges needs only what it says itself. */
const asksForOwners = ({ type, body }: GivenPatch): boolean =>
  type === 'application/json-patch+json' &&
  Array.isArray(body) &&
  body.some(
    (step: unknown) => isObject(step) && [step['path'], step['from']].some((path) => typeof path === 'string' && aboutOwners.test(path)),
  )

const aboutOwners = /^(?:\/metadata(?:\/managedFields(?:\/.*)?)?)?$/s
