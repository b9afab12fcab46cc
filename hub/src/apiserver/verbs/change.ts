import { type FieldError, fieldForbidden, invalid, notFound, staleObject } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { withWrittenParts } from '@bramble/shared/schema/always-written.ts'
import type { Kind, WithStatus } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import { type Admission, goThrough, holdsOf, type TypeName } from '../admission/admission.ts'
import { replaceBy } from '../admission/matching/replace.ts'
import { gone } from '../fairness/one-at-a-time.ts'
import { doubtErrors } from '../bodies/doubt.ts'
import { type Api, type Call, type WriteCall, nowOf } from '../call.ts'
import { cloneJson } from '../json.ts'
import type { Update } from '../objects/registry.ts'
import { entryResponse, objectResponse } from '../answers/response.ts'
import { tidyMeta } from '../objects/rules/tidy-meta.ts'
import { converting } from '../ownership/converting.ts'
import { withStatusOf } from '../objects/with-status.ts'
import { givenOwnersErrors, Owned, ownersAfterChange, takenOwners } from '../ownership/of-writes.ts'
import { isSameOwnership, ownersText } from '../ownership/owners.ts'
import { withOwners } from '../ownership/with-owners.ts'
import { askerOf, otherIdentity } from './asked.ts'
import { errorsOfChange } from './errors-of-change.ts'
import { partIn, type Scope } from './scope.ts'
import { checkIdentity, putBack } from './server-fields.ts'

export type Change = {
  readonly scope: Scope
  /**
   * The object as the caller wants it, new on every call, from the frozen one that is stored and the owners of its fields. Throws to refuse.
   * An apply says whose its fields are then, all others come to own what they set.
   */
  readonly next: (previous: KubeObject, owners: string | undefined) => KubeObject | Owned
  /** Nobody comes to own what it sets. */
  readonly isUnowned?: boolean
  /** What it sets beside the metadata was made here, and breaks no rule of the kind: none is asked. */
  readonly isSound?: boolean
  /** What webhooks and policies are shown in place of the object: what is posted to a subresource. `nothing`: they were asked before. */
  readonly shown?: ShownPart | 'nothing'
}

export type ShownPart = {
  readonly type: TypeName
  of(object: KubeObject): KubeObject
  /** Puts what has become of it into the object. */
  into(object: KubeObject, part: KubeObject): void
  read(value: object): KubeObject
}

/** What an answer to it is made of: an entry if it was written, else the object. */
export type Changed = { readonly object: KubeObject; readonly entry: Entry | undefined }

/**
 * Who is in line for an object loses races only to those who came before there was one, to deletes and to changes of what its admission
 * relied on: to lose more than this means that something else is wrong.
 */
export const attempts = 16

/**
 * Reads, changes, checks and writes back one object; when another writer was faster, again from the start. A change that carries
 * a resourceVersion is refused then, because it was made for what is no longer there.
 */
export async function changeObject(call: WriteCall, change: Change): Promise<Changed> {
  const { api, kind, info } = call
  const key = api.registry.keyOf(kind, info.namespace, info.name ?? '')
  // A dry run writes nothing, so it meets nobody.
  let leave = !call.origin.dryRun && api.lines.isThere(key) ? await api.lines.enter(key, call.request) : undefined
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      // Who waits may go away, and who comes at once need not be asked: a request makes its signal when it is looked at.
      if (leave !== undefined && call.request.signal.aborted) throw gone()
      const changed = await changedOnce(call, change, attempt)
      if (changed !== undefined) return changed
      leave ??= await api.lines.enter(key, call.request)
    }
  } finally {
    leave?.()
  }
  throw staleObject(kind, info.name ?? '')
}

/** Undefined when another writer was faster. */
async function changedOnce(
  call: WriteCall,
  { scope, next: wanted, isUnowned = false, isSound = false, shown }: Change,
  attempt: number,
): Promise<Changed | undefined> {
  const { api, kind, info, origin, warn } = call
  const { registry } = api
  const name = info.name ?? ''
  const found = registry.find(kind, info.namespace, name)
  if (found === undefined) throw notFound(kind, name)
  const entry = await registry.inVersion(kind, found)
  const previous = registry.objectOf(kind, entry)
  const known = registry.ownersOf(kind, entry)
  const next = await converting(() => wanted(previous, known))
  const { object, owners: applied } = next instanceof Owned ? next : { object: next }
  checkIdentity(call, object, previous)
  const within = (whole: KubeObject): KubeObject =>
    scope === 'status' ? statusChanged(kind, whole, previous) : (partIn(scope)?.with(previous, whole) ?? whole)
  const merged = within(object)
  const given = takenOwners(object)
  tidyMeta(merged.metadata, attempt === 0 ? warn : () => {})
  const immutable = [...putBack(call, merged, previous, scope)]
  if (scope === 'main' && kind.subresources?.status === true) restoreStatus(merged, previous)
  const text = isUnowned
    ? known
    : applied === undefined
      ? await converting(() => ownersAfterChange(call, { scope, previous, next: merged, known, given }))
      : ownersText(applied)
  const { namespace } = info
  const asker = askerOf(call)
  const admission: Admission = {
    ...{ operation: 'UPDATE', kind, name, namespace, object: merged, previous, origin, warn, asker },
    owners: { object: text, previous: known },
  }
  await goThrough('admit', api.admission, admission)
  const mutate = mutationOf(api, admission, shown)
  if (mutate !== undefined && (await mutate())) {
    immutable.push(...otherIdentity(merged, previous))
    replaceBy(merged, within({ ...merged }))
    takenOwners(merged)
    merged.metadata.resourceVersion = object.metadata.resourceVersion
    immutable.push(...putBack(call, merged, previous, scope))
    if (scope === 'main' && kind.subresources?.status === true) restoreStatus(merged, previous)
  }
  if (scope !== 'free') kind.prepareForUpdate?.(merged, previous, { now: () => nowOf(api), random: api.random })
  if (scope === 'status') keepGeneration(merged, previous)
  await goThrough('complete', api.admission, admission)
  const errors = [
    ...immutable,
    ...(scope === 'free' ? [] : lateFinalizers(merged, previous)),
    ...(scope === 'main' ? givenOwnersErrors(given) : []),
    ...errorsOfChange({ kind, kinds: api.kinds, next: merged, previous, scope, isSound }),
  ]
  errors.push(...doubtErrors(call, merged, errors))
  if (errors.length > 0) throw invalid(kind, name, errors)
  // In the first attempt: a lost race is none of the sender's business.
  if (attempt === 0 && scope === 'main') for (const warning of kind.warnings?.(merged, previous) ?? []) warn(warning)
  await goThrough('validate', api.admission, admission)
  const validation = shown === 'nothing' ? undefined : api.dynamic.validate(shownOf(admission, shown))
  if (validation !== undefined) await validation
  const filled = withWrittenParts(kind.node, merged)
  if (registry.isSame(kind, entry, filled) && isSameOwnership(known, text)) return { object: previous, entry }
  if (origin.dryRun) {
    filled.metadata.resourceVersion = previous.metadata.resourceVersion
    return { object: withOwners(filled, text), entry: undefined }
  }
  const owners = { text }
  return write(call, { owners, expected: entry, object: filled, holds: holdsOf(api.admission, admission) })
}

/** As webhooks and policies see it. */
function shownOf(admission: Admission, shown: ShownPart | undefined): Admission {
  const { object, previous, asker } = admission
  if (shown === undefined || object === undefined || previous === undefined || asker === undefined) return admission
  const { type, of, read } = shown
  return { ...admission, type, object: of(object), previous: of(previous), asker: { ...asker, read } }
}

function mutationOf(api: Api, admission: Admission, shown: Change['shown']): (() => Promise<boolean>) | undefined {
  if (shown === 'nothing') return undefined
  const asked = shownOf(admission, shown)
  const mutate = api.dynamic.mutate(asked)
  const { object: part } = asked
  if (mutate === undefined || shown === undefined || part === undefined) return mutate
  return async () => {
    const isChanged = await mutate()
    if (isChanged && admission.object !== undefined) shown.into(admission.object, part)
    return isChanged
  }
}

/** The answer to a PUT or PATCH. */
export const changedResponse = (call: Call, { object, entry }: Changed): ApiResponse =>
  entry === undefined ? objectResponse(call, object) : entryResponse(call, entry)

/** An object that was waiting for its last finalizer goes with the write that takes it away. */
async function write(
  { api, kind, origin }: WriteCall,
  { expected, object, owners, holds }: Pick<Update, 'expected' | 'object' | 'holds'> & Required<Pick<Update, 'owners'>>,
): Promise<Changed | undefined> {
  if (isFreeToGo(kind, object)) {
    const removed = await api.registry.remove({ kind, origin, expected })
    return removed === undefined ? undefined : { object: withOwners(object, owners.text), entry: undefined }
  }
  const written = await api.registry.update({ kind, origin, object, owners, expected, ...(holds !== undefined && { holds }) })
  if (written === undefined) return undefined
  const entry = await api.registry.inVersion(kind, written)
  return { object: api.registry.objectOf(kind, entry), entry }
}

/** Deletion was asked for, nothing holds the object any longer, and no grace is left to wait for. */
export const isFreeToGo = (kind: Kind, object: KubeObject): boolean => {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    finalizers.length === 0 &&
    (kind.heldBy?.(object) ?? []).length === 0
  )
}

/** The object as whom a body means it to be, for `changeObject` to compare with who is there: a subresource's body carries no more of it. */
export function meantBy<T extends KubeObject>(object: T, { name, namespace, uid, resourceVersion }: KubeObject['metadata']): T {
  return { ...object, metadata: { ...object.metadata, name, namespace, uid, resourceVersion } }
}

/** Who holds an object is settled when its deletion is asked for. */
function lateFinalizers({ metadata }: KubeObject, { metadata: previous }: KubeObject): readonly FieldError[] {
  if (previous.deletionTimestamp === undefined) return []
  const known = new Set(previous.finalizers)
  const late = (metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer))
  if (late.length === 0) return []
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(late)}`
  return [fieldForbidden('metadata.finalizers', why)]
}

/**
 * What is stored with another status, and with the labels, annotations and the like that come with it, as in Kubernetes, but for those that the kind
 * keeps. Of a kind with rules of its status the rest is shared.
 */
function statusChanged({ subresources, statusRules }: Kind, next: KubeObject, previous: KubeObject): KubeObject {
  const { metadata } = next
  const stored = { ...(statusRules === undefined ? cloneJson(previous) : previous), metadata }
  for (const field of subresources?.statusKeeps ?? [])
    if (previous.metadata[field] === undefined) delete metadata[field]
    else Object.assign(metadata, { [field]: cloneJson(previous.metadata[field]) })
  return withStatusOf(next, stored)
}

/** It says which spec there is, and that has not changed. */
function keepGeneration({ metadata }: KubeObject, { metadata: previous }: KubeObject): void {
  if (previous.generation === undefined) delete metadata.generation
  else metadata.generation = previous.generation
}

function restoreStatus(next: WithStatus, previous: WithStatus): void {
  if (previous.status === undefined) delete next.status
  else next.status = cloneJson(previous.status)
}
