import { conflict, notFound } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { type Admission, goThrough } from '../admission/admission.ts'
import { type Call, type Verb, type WriteCall, nowOf } from '../call.ts'
import { readAsGiven } from '../bodies/as-given.ts'
import { cloneJson } from '../json.ts'
import type { Entry } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'
import { ConversionFailed } from '../objects/stored/conversion.ts'
import { objectOrRemnant } from '../objects/stored/remnant.ts'
import { objectResponse } from '../answers/response.ts'
import { success } from '@bramble/shared/api/api-status.ts'
import { withOwners } from '../ownership/with-owners.ts'
import { isFreeToGo } from './change.ts'
import { askerOf } from './asked.ts'
import { type DeleteRequest, deleteRequest, optionsTold } from './delete-options.ts'

export const remove: Verb<WriteCall> = async (call) => {
  const request = deleteRequest(call.request)
  warnOfOrphans(call, request)
  const deleted = await deleteObject(call, request)
  const answer = deletedResponse(call, deleted)
  return request.isOldCascade === true && !deleted.isGone ? { ...answer, status: 202 } : answer
}

export function warnOfOrphans({ kind, warn }: WriteCall, { propagation }: DeleteRequest): void {
  if (propagation === undefined && kind.orphansByDefault?.warning !== undefined) warn(kind.orphansByDefault.warning)
}

/** `owners`: of its fields, as its answer tells them. */
export type Deleted = { readonly object: KubeObject; readonly owners: string | undefined; readonly isGone: boolean }

/**
 * Deletes one object, or marks it and leaves the rest to those who hold it: a node during its grace, finalizers. `isAsked`: webhooks and policies
 * are asked about it, and were not already about what it follows from.
 */
export async function deleteObject(call: WriteCall, request: DeleteRequest, isAsked = true): Promise<Deleted> {
  const { api, kind, info, warn } = call
  const asker = askerOf(call)
  const origin = { ...call.origin, dryRun: request.dryRun }
  const { registry } = api
  const name = info.name ?? ''
  for (;;) {
    const found = registry.find(kind, info.namespace, name)
    if (found === undefined) throw notFound(kind, name)
    const entry = await registry.inVersion(kind, found)
    const { object, isRemnant } = objectOrRemnant(registry, kind, entry)
    if (isRemnant) refuseSound(registry, kind, entry)
    const owners = isRemnant ? undefined : registry.ownersOf(kind, entry)
    checkPreconditions(kind, object, request)
    const options = () => optionsTold(request)
    const admission: Admission = {
      operation: 'DELETE',
      kind,
      name,
      namespace: info.namespace,
      previous: object,
      origin,
      warn,
      options,
      asker,
      owners: { previous: owners },
    }
    await goThrough('admit', api.admission, admission)
    // What cannot be read can be shown to nobody.
    const isShown = isAsked && !isRemnant
    const mutate = isShown ? api.dynamic.mutate(admission) : undefined
    if (mutate !== undefined) await mutate()
    await goThrough('validate', api.admission, admission)
    const validation = isShown ? api.dynamic.validate(admission) : undefined
    if (validation !== undefined) await validation
    // Nobody is left to wait for what cannot be read: no node runs it, and no finalizer comes off by a change that is refused.
    const outcome = isRemnant || !isRead(kind, object) ? ({ type: 'remove' } as const) : decideDelete(kind, object, request, nowOf(api))
    if (request.dryRun) return { object: outcome.type === 'mark' ? outcome.next : object, owners, isGone: outcome.type === 'remove' }
    switch (outcome.type) {
      case 'wait':
        return { object, owners, isGone: false }
      case 'remove':
        if ((await registry.remove({ kind, origin, expected: entry })) !== undefined) return { object, owners, isGone: true }
        break
      case 'mark': {
        const written = await registry.update({ kind, origin, object: outcome.next, expected: entry, isLeaving: true })
        if (written !== undefined)
          return { object: registry.objectOf(kind, await registry.inVersion(kind, written)), owners, isGone: false }
        break
      }
      default:
        return outcome satisfies never
    }
    // Someone else was faster. Each turn of this loop means that another write got through, so it ends.
  }
}

/** What only cannot be converted now has its finalizers, and goes by another version or at another time. */
function refuseSound(registry: Registry, kind: Kind, entry: Entry): void {
  try {
    registry.objectOf<KubeObject>(kind, entry)
  } catch (error) {
    if (error instanceof Error && error.cause instanceof ConversionFailed) throw error
  }
}

/** Whether what is stored is still an object of its kind, whoever stored it: every change of it begins with this. */
const isRead = (kind: Kind, object: KubeObject): boolean => readAsGiven(kind, object).ok

export function deletedResponse(call: Call, { object, owners, isGone }: Deleted): ApiResponse {
  const { kind } = call
  if (!isGone || kind.graceSeconds !== undefined) return objectResponse(call, withOwners(object, owners))
  const { name, uid } = object.metadata
  return { type: 'object', status: 200, object: success({ name, group: kind.group, kind: kind.resource, uid }) }
}

function checkPreconditions(kind: Kind, { metadata }: KubeObject, { uid, resourceVersion }: DeleteRequest): void {
  const unmet = (what: string, asked: string, found = '', whatHappened: string) =>
    // By its kind, as Kubernetes has it.
    conflict(
      { ...kind, resource: kind.kind },
      metadata.name,
      `the ${what} in the precondition (${asked}) does not match the ${what} in record (${found}). The object might have been ${whatHappened}`,
    )
  if (uid !== undefined && uid !== metadata.uid) throw unmet('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw unmet('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified')
}

export type DeleteOutcome =
  | { readonly type: 'remove' }
  /** The object stays with this in it until the last who holds it lets go. */
  | { readonly type: 'mark'; readonly next: KubeObject }
  /** It is going already and this request does not hasten it. */
  | { readonly type: 'wait' }

/** What a delete means for an object in its present state. */
export function decideDelete(kind: Kind, object: KubeObject, request: DeleteRequest, now: Date): DeleteOutcome {
  const grace = kind.graceSeconds?.(object, request.gracePeriodSeconds) ?? 0
  const finalizers = finalizersFor(kind, object, request)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata
  const graceBefore = Number(deletionGracePeriodSeconds)
  const isGoing = deletionTimestamp !== undefined
  const graceNow = isGoing ? Math.min(grace, graceBefore) : grace

  const next = cloneJson(object)
  const { metadata } = next
  if (!isGoing || graceNow < graceBefore) {
    // The time at which the grace is over; a second delete may only bring it forward.
    const askedAt = isGoing ? Date.parse(deletionTimestamp) - graceBefore * 1000 : 0
    const from = askedAt > 0 ? askedAt : now.getTime() // else its end was cut to what a time can say
    metadata.deletionTimestamp = formatTime(new Date(Math.min(lastMoment, Math.max(from + graceNow * 1000, isGoing ? 0 : now.getTime()))))
    metadata.deletionGracePeriodSeconds = graceNow
    if (!isGoing && metadata.generation !== undefined) metadata.generation += 1
  }
  if (finalizers.length > 0) metadata.finalizers = [...finalizers]
  else delete metadata.finalizers
  if (isFreeToGo(kind, next)) return { type: 'remove' }

  kind.prepareForDeletion?.(next)
  return isGoing && graceNow === graceBefore && sameNames(finalizers, object.metadata.finalizers ?? [])
    ? { type: 'wait' }
    : { type: 'mark', next }
}

/** The last second that RFC 3339 can write; a grace of 2^60 seconds ends then. */
const lastMoment = Date.parse('9999-12-31T23:59:59Z')

const foreground = 'foregroundDeletion'
const orphan = 'orphan'

/** What owns nothing leaves nothing behind that somebody would have to wait for. */
function finalizersFor(
  { ownsNothing = false, orphansByDefault }: Kind,
  { metadata }: KubeObject,
  { propagation }: DeleteRequest,
): readonly string[] {
  const present = metadata.finalizers ?? []
  if (propagation === undefined && !ownsNothing) {
    const isSettled = orphansByDefault === undefined || present.includes(foreground) || present.includes(orphan)
    return isSettled ? present : [...present, orphan]
  }
  const others = present.filter((finalizer) => finalizer !== foreground && finalizer !== orphan)
  if (propagation === 'Background' || ownsNothing) return others
  return [...others, propagation === 'Foreground' ? foreground : orphan]
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(b)
  return a.length === b.length && a.every((name) => known.has(name))
}
