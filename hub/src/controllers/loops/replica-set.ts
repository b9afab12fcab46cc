import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { byNamespace } from '../../client/lister.ts'
import { adoption, claim, controllerOf, releasal } from '../claim.ts'
import { defineController } from '../controller.ts'
import { Expectations } from '../expectations.ts'
import { isActive, isReady } from '../pod-state.ts'
import { newPod } from '../replica-set/new-pod.ts'
import { rankForDeletion } from '../replica-set/ranking.ts'
import { replicaSetStatus } from '../replica-set/status.ts'
import type { StatusInput } from '../replica-set/status.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'

/** More than this is not created or deleted in one go. */
const burst = 500
/**
 * So many pods of a set may wait for a node at once; more are made as those find one. A number with too many zeros then costs a hub a
 * few MiB, and not all the room that it has.
 */
const waitingMost = 1000

/** Keeps as many pods of a template as are wanted. */
export const replicaSet = defineController({
  name: 'replicaset',
  account: 'replicaset-controller',
  workers: 8,
  setUp({ client, clock, queue, recorder, watch }) {
    const expectations = new Expectations(() => clock.monotonic())

    const ownerKey = (pod: Pod): string | undefined => {
      const owner = controllerOf(pod)
      return owner?.kind === 'ReplicaSet' ? `${pod.metadata.namespace ?? ''}/${owner.name}` : undefined
    }
    const onPod = (pod: Pod) => {
      const key = ownerKey(pod)
      if (key !== undefined) return queue.add(key)
      if (controllerOf(pod) !== undefined || pod.metadata.deletionTimestamp !== undefined) return
      // A pod that nobody controls is adopted by whoever selects it now.
      for (const each of sets.by(byNamespace, pod.metadata.namespace ?? ''))
        if (labelSelectorMatches(each.spec.selector, pod.metadata.labels)) queue.add(keyTextOf(each))
    }
    const readySince = new Map<string, { readonly at: number; readonly fromTheStart: boolean }>()
    const noteReadiness = (pod: Pod, isNew: boolean) => {
      const uid = pod.metadata.uid ?? ''
      if (!isReady(pod)) readySince.delete(uid)
      else if (!readySince.has(uid)) readySince.set(uid, { at: clock.monotonic(), fromTheStart: !isNew })
    }
    const seenReady = ({ metadata }: Pod) => {
      const { at = clock.monotonic(), fromTheStart = false } = readySince.get(metadata.uid ?? '') ?? {}
      return { ms: clock.monotonic() - at, fromTheStart }
    }
    const isGone = (pod: Pod) => {
      const key = ownerKey(pod)
      if (key !== undefined) expectations.observe(key, `delete ${pod.metadata.uid ?? ''}`)
    }

    const sets = watch(replicaSets, {
      onAdd: (set) => queue.add(keyTextOf(set)),
      onUpdate: (set) => queue.add(keyTextOf(set)),
      onDelete(set) {
        expectations.forget(keyTextOf(set))
        queue.add(keyTextOf(set))
      },
    })
    const podLister = watch(pods, {
      onAdd(pod) {
        noteReadiness(pod, true)
        const key = ownerKey(pod)
        if (key !== undefined) expectations.observe(key, `create ${pod.metadata.name}`)
        if (pod.metadata.deletionTimestamp !== undefined) isGone(pod)
        onPod(pod)
      },
      onUpdate(pod, previous) {
        noteReadiness(pod, false)
        if (pod.metadata.deletionTimestamp !== undefined) isGone(pod)
        const before = ownerKey(previous)
        if (before !== undefined && before !== ownerKey(pod)) queue.add(before)
        onPod(pod)
      },
      onDelete(pod) {
        readySince.delete(pod.metadata.uid ?? '')
        isGone(pod)
        onPod(pod)
      },
    })

    /** Creates one, then two, then four…: a quota or a broken template costs a few refusals and not five hundred. */
    async function createPods(set: ReplicaSet, count: number, signal: AbortSignal): Promise<void> {
      let done = 0
      for (let batch = 1; done < count; batch *= 2) {
        const size = Math.min(batch, count - done)
        const results = await Promise.allSettled(Array.from({ length: size }, () => createPod(set, signal)))
        done += size
        const failed = results.find((result) => result.status === 'rejected')
        if (failed !== undefined) throw failed.reason
      }
    }

    /** A drawn name may be taken: draw again. */
    async function createPod(set: ReplicaSet, signal: AbortSignal): Promise<void> {
      for (let draw = 1; ; draw++) {
        const pod = newPod(set, Math.random)
        const id = `create ${pod.metadata.name}`
        expectations.expect(keyTextOf(set), id)
        try {
          await client.create(pods, pod, { signal })
          return recorder.record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
        } catch (error) {
          expectations.observe(keyTextOf(set), id)
          if (draw === 8 || !isApiError(error, 'AlreadyExists')) throw error
        }
      }
    }

    async function deletePods(set: ReplicaSet, victims: readonly Pod[], signal: AbortSignal): Promise<void> {
      const key = keyTextOf(set)
      const results = await Promise.allSettled(
        victims.map(async (pod) => {
          const id = `delete ${pod.metadata.uid ?? ''}`
          expectations.expect(key, id)
          try {
            await client.delete(pods, keyOf(pod), { signal, ...preconditionOf(pod) })
          } catch (error) {
            expectations.observe(key, id)
            if (isApiError(error, 'NotFound')) return
            throw error
          }
          recorder.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
        }),
      )
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    }

    async function managePods(set: ReplicaSet, active: readonly Pod[], signal: AbortSignal): Promise<Failed | undefined> {
      const missing = set.spec.replicas - active.length
      const failure = missing > 0 ? 'FailedCreate' : 'FailedDelete'
      const room = waitingMost - active.filter(isUnplaced).length
      // Told and not thrown: to try again helps nobody, and a pod that finds its node wakes us.
      if (missing > 0 && room <= 0) return { reason: failure, message: tooManyWaiting, error: undefined }
      try {
        if (missing > 0) await createPods(set, Math.min(missing, burst, room), signal)
        if (missing < 0) await deletePods(set, rankForDeletion(active).slice(0, Math.min(-missing, burst)), signal)
        return undefined
      } catch (error) {
        const doing = missing > 0 ? 'creating' : 'deleting'
        if (!signal.aborted) recorder.record(set, 'Warning', failure, `Error ${doing}: ${messageOf(error)}`)
        return { reason: failure, message: messageOf(error), error }
      }
    }

    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const set = sets.get(namespace, name)
      if (set === undefined) return
      const areMet = expectations.areMet(key)
      const { owned, adopt, release } = claim(set, set.spec.selector, podLister.by(byNamespace, namespace ?? ''))
      for (const pod of release) await client.patch(pods, keyOf(pod), releasal(set, pod), { signal })
      const orphans = adopt.filter(isActive)
      for (const pod of orphans) await client.patch(pods, keyOf(pod), adoption(set, pod), { signal })

      const active = [...owned, ...orphans].filter(isActive)
      const isManaged = areMet && set.metadata.deletionTimestamp === undefined && active.length !== set.spec.replicas
      const failure = isManaged ? await managePods(set, active, signal) : undefined
      // What we just did comes back as events, and the status with it: writing it now would be writing it twice.
      if (isManaged && failure === undefined) return
      const { status, nextAvailableInMs } = replicaSetStatus({
        replicaSet: set,
        pods: active,
        failure: failure ?? (areMet ? undefined : standingFailure(set)),
        now: clock.now(),
        seenReady,
      })
      if (!isSameJson(status, set.status ?? {})) await client.update(replicaSets, { ...set, status }, { subresource: 'status', signal })
      if (failure?.error !== undefined) throw failure.error
      if (nextAvailableInMs !== undefined) queue.addAfter(key, nextAvailableInMs)
    }
  },
})

/** With the error if to try again may help. */
type Failed = NonNullable<StatusInput['failure']> & { readonly error: unknown }

const isUnplaced = ({ spec }: Pod): boolean => (spec.nodeName ?? '') === ''

const tooManyWaiting = `${waitingMost} of its pods wait for a node already: more are made as those find one`

const preconditionOf = ({ metadata: { uid } }: Pod) => (uid === undefined ? {} : { preconditions: { uid } })

/** While we wait to see our own writes nothing new is known about a failure: it stands. */
function standingFailure({ status }: ReplicaSet): StatusInput['failure'] {
  const seen = findCondition(status?.conditions, 'ReplicaFailure')
  if (seen?.status !== 'True') return undefined
  return { reason: seen.reason === 'FailedDelete' ? 'FailedDelete' : 'FailedCreate', message: seen.message ?? '' }
}
