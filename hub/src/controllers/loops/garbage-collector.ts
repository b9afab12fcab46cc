import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type KubeObject, metadataOf } from '@bramble/shared/api/client.ts'
import { apiVersionOf, groupOf } from '@bramble/shared/schema/api-version.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'
import { byHeldOwner, byOwner, byUid } from '../../client/lister.ts'
import type { Lister } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { findCircle } from '../garbage/circle.ts'
import { decideGarbage, foreground, orphan } from '../garbage/decide.ts'
import type { Owner, OwnerState } from '../garbage/decide.ts'
import { objectsOf } from '../refusals.ts'

type Collected = { readonly kind: Kind; readonly lister: Lister<KubeObject> }
type Dependent = { readonly collected: Collected; readonly object: KubeObject }

/**
 * Deletes what belongs to owners that are gone, and holds back owners that want to see their dependents gone first. Who waits for
 * somebody that waits for it would wait for ever: in such a circle nobody is held up any longer.
 */
export const garbageCollector = defineController({
  name: 'garbage-collector',
  account: 'generic-garbage-collector',
  workers: 8,
  followsAll: true,
  setUp({ client, queue, watch, tellAbout, informers, onStop, kinds, recorder, log }) {
    const collections = new Map<string, Collected>()

    const keyFor = (kind: Kind, object: KubeObject) => `${kind.group}/${kind.resource} ${keyTextOf(object)}`
    const addDependentsOf = (uid: string | undefined) => {
      if (uid === undefined) return
      for (const { collected, object } of dependentsOf(uid)) queue.add(keyFor(collected.kind, object))
    }
    const found = (index: typeof byOwner, uid: string): readonly Dependent[] =>
      [...collections.values()].flatMap((collected) => collected.lister.by(index, uid).map((object) => ({ collected, object })))
    const dependentsOf = (uid: string) => found(byOwner, uid)

    // Who owns what is told by metadata alone, so what ConfigMaps and Secrets hold is not in memory a second time.
    const collect = (kind: Kind) => {
      if (kind.ownsNothing === true || kind.verbs?.includes('watch') === false) return
      const lister = watch(metadataOf(kind), {
        onAdd(object) {
          if ((object.metadata.ownerReferences ?? []).length > 0 || isHeld(object)) queue.add(keyFor(kind, object))
        },
        onUpdate(object, previous) {
          const areOwnersNew = object.metadata.ownerReferences !== undefined && !sameOwners(object, previous)
          const isDeletionNew = isHeld(object) && !isHeld(previous)
          if (areOwnersNew || isDeletionNew) queue.add(keyFor(kind, object))
          // One that was let go no longer holds up its owner.
          if (!sameOwners(object, previous))
            for (const reference of previous.metadata.ownerReferences ?? []) addOwner(reference, previous.metadata.namespace)
        },
        onDelete(object) {
          addDependentsOf(object.metadata.uid)
          // An owner that is deleted in the foreground goes when the last that holds it has gone: it is judged again.
          for (const reference of object.metadata.ownerReferences ?? []) addOwner(reference, object.metadata.namespace)
        },
      })
      collections.set(`${kind.group}/${kind.resource}`, { kind, lister })
    }
    // An object is there once, whatever versions it is served in.
    const wanted = derived(kinds, eachResourceOnce)
    for (const kind of wanted()) collect(kind)
    onStop(
      kinds.onChange(() => {
        for (const [key, { kind }] of collections)
          if (!wanted().includes(kind)) {
            collections.delete(key)
            informers.drop(metadataOf(kind))
          }
        const come = wanted().filter(({ group, resource }) => !collections.has(`${group}/${resource}`))
        for (const kind of come) collect(kind)
        judgeOwnedBy(come)
      }),
    )

    /** Of owners of a kind that nobody knew nothing was known. */
    const judgeOwnedBy = (come: readonly Kind[]) => {
      for (const { kind, lister } of collections.values())
        for (const object of lister.list())
          if (ownersOf(object).some((reference) => come.some(isKindOf(reference)))) queue.add(keyFor(kind, object))
    }

    const kindOf = (reference: OwnerReference) => wanted().find(isKindOf(reference))
    const addOwner = (reference: OwnerReference, namespace: string | undefined) => {
      const kind = kindOf(reference)
      const place = kind?.namespaced === true ? namespace : undefined
      const owner = kind === undefined ? undefined : collections.get(`${kind.group}/${kind.resource}`)?.lister.get(place, reference.name)
      if (kind !== undefined && owner?.metadata.uid === reference.uid && isHeld(owner)) queue.add(keyFor(kind, owner))
    }

    const stateOf = ({ metadata }: KubeObject): OwnerState =>
      metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foreground) === true ? 'waiting' : 'present'

    /** Our watches may be behind each other, so only the API's own word makes an owner absent. */
    async function ownerState(reference: OwnerReference, namespace: string | undefined, signal: AbortSignal): Promise<OwnerState> {
      const kind = kindOf(reference)
      // Something in no namespace cannot belong to something in one.
      if (kind === undefined || (kind.namespaced && namespace === undefined)) return 'unknown'
      const place = kind.namespaced ? namespace : undefined
      const known = collections.get(`${kind.group}/${kind.resource}`)?.lister.get(place, reference.name)
      if (known?.metadata.uid === reference.uid) return stateOf(known)
      try {
        const key = place === undefined ? { name: reference.name } : { name: reference.name, namespace: place }
        const found = await client.get(kind, key, { signal })
        return found.metadata.uid === reference.uid ? stateOf(found) : 'absent'
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
        // Without a name it is the kind that is not there any more.
        return error.details.name === undefined ? 'unknown' : 'absent'
      }
    }

    async function dropFinalizer(kind: Kind, object: KubeObject, name: string, signal: AbortSignal): Promise<void> {
      const { uid, resourceVersion, finalizers = [] } = object.metadata
      const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((each) => each !== name) } }
      await ignoreGone(client.patch(kind, keyOf(object), { type: 'application/merge-patch+json', body }, { signal }))
    }

    /** What holds up the deletion of this owner. */
    const blockingOf = (uid: string) => found(byHeldOwner, uid)

    async function unblock({ collected: { kind }, object }: Dependent, owner: string, signal: AbortSignal): Promise<void> {
      const { uid, resourceVersion, ownerReferences = [] } = object.metadata
      const free = ownerReferences.map((each) => (each.uid === owner ? { ...each, blockOwnerDeletion: false } : each))
      const body = { metadata: { uid, resourceVersion, ownerReferences: free } }
      await ignoreGone(client.patch(kind, keyOf(object), { type: 'application/merge-patch+json', body }, { signal }))
    }

    async function unreference({ collected: { kind }, object }: Dependent, uids: readonly string[], signal: AbortSignal): Promise<void> {
      const { uid, resourceVersion, ownerReferences = [] } = object.metadata
      const body = { metadata: { uid, resourceVersion, ownerReferences: ownerReferences.filter((each) => !uids.includes(each.uid)) } }
      await ignoreGone(client.patch(kind, keyOf(object), { type: 'application/merge-patch+json', body }, { signal }))
    }

    /** An owner that is being deleted and held by one of our two finalizers. */
    async function finishDeletion(kind: Kind, object: KubeObject, signal: AbortSignal): Promise<void> {
      const uid = object.metadata.uid ?? ''
      const dependents = dependentsOf(uid)
      if (object.metadata.finalizers?.includes(orphan) === true) {
        for (const dependent of dependents) await unreference(dependent, [uid], signal)
        return dropFinalizer(kind, object, orphan, signal)
      }
      const blocking = blockingOf(uid)
      if (blocking.length === 0) return dropFinalizer(kind, object, foreground, signal)
      const isWaiting = ({ object }: Dependent) => stateOf(object) === 'waiting'
      const waitsFor = (waiting: string) => blockingOf(waiting).filter(isWaiting)
      const closing = findCircle(uid, waitsFor, ({ object }) => object.metadata.uid ?? '')
      if (closing !== undefined) return unblock(closing, uid, signal)
      // Those that go already tell by themselves when they have changed or are gone.
      for (const { collected, object } of dependents)
        if (object.metadata.deletionTimestamp === undefined) queue.add(keyFor(collected.kind, object))
    }

    /** Its owner stands in another namespace, or it is in none and its owner is: no such owner counts. */
    function tellOfStrangeOwners({ collected, object: { metadata } }: Dependent, owners: readonly Owner[]): void {
      const about = { apiVersion: apiVersionOf(collected.kind), kind: collected.kind.kind, metadata }
      for (const { reference, state } of owners) {
        const kind = kindOf(reference)
        if (kind === undefined || !kind.namespaced || (state !== 'absent' && state !== 'unknown')) continue
        const { namespace } = metadata
        const isElsewhere = collections.get(`${kind.group}/${kind.resource}`)?.lister.by(byUid, reference.uid).length !== 0
        if (namespace !== undefined && !isElsewhere) continue
        const { apiVersion, kind: name, name: owner, uid } = reference
        const owned = `[${apiVersion}/${name}, namespace: ${namespace ?? ''}, name: ${owner}, uid: ${uid}]`
        const message = `ownerRef ${owned} does not exist in namespace ${JSON.stringify(namespace ?? '')}`
        recorder.record(about, 'Warning', 'OwnerRefInvalidNamespace', message)
      }
    }

    tellAbout((key) => {
      const [of = '', name = ''] = key.split(' ')
      const collected = collections.get(of)
      return collected && objectsOf(collected.kind, collected.lister)(name)
    })
    return async (key, signal) => {
      const space = key.indexOf(' ')
      const collected = collections.get(key.slice(0, space))
      const { namespace, name } = parseKey(key.slice(space + 1))
      const object = collected?.lister.get(namespace, name)
      if (collected === undefined || object === undefined) return
      if (isHeld(object)) return finishDeletion(collected.kind, object, signal)
      if (object.metadata.deletionTimestamp !== undefined) return
      const owners: Owner[] = []
      for (const reference of ownersOf(object)) owners.push({ reference, state: await ownerState(reference, namespace, signal) })
      tellOfStrangeOwners({ collected, object }, owners)
      const step = decideGarbage(object, owners, dependentsOf(object.metadata.uid ?? '').length > 0)
      switch (step.type) {
        case 'keep':
          return
        case 'unreference':
          return unreference({ collected, object }, step.uids, signal)
        case 'delete': {
          const { uid, resourceVersion } = object.metadata
          // Nobody may have given it an owner, or taken it over, since we looked.
          const preconditions = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) }
          log.debug({ object: key, propagation: step.propagation }, 'deleting what has no owner left')
          return ignoreGone(client.delete(collected.kind, keyOf(object), { signal, propagationPolicy: step.propagation, preconditions }))
        }
        default:
          return step satisfies never
      }
    }
  },
})

const ownersOf = ({ metadata }: KubeObject): readonly OwnerReference[] => metadata.ownerReferences ?? []

const isHeld = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (metadata.finalizers?.includes(foreground) === true || metadata.finalizers?.includes(orphan) === true)

/** Whatever version of its owner a reference names, or named when it was served. */
const isKindOf =
  ({ apiVersion, kind }: OwnerReference) =>
  (each: Kind): boolean =>
    each.kind === kind && each.group === groupOf(apiVersion)

const sameOwners = (a: KubeObject, b: KubeObject): boolean => isSameJson(ownersOf(a), ownersOf(b))

async function ignoreGone(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}
