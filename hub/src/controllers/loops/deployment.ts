import { isApiError } from '@bramble/shared/api-error.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { messageOf } from '@bramble/shared/service.ts'
import { byController, byNamespace } from '../../client/lister.ts'
import { matchesSelector } from '../../client/match-labels.ts'
import { adoption, claim, controllerOf, releasal } from '../claim.ts'
import { defineController, keyOf, objectKey, splitKey } from '../controller.ts'
import type { ControllerScope } from '../controller.ts'
import {
  desiredReplicasOf,
  maxReplicasOf,
  newReplicaSetAnnotations,
  revisionAnnotation,
  revisionOf,
  sizeAnnotations,
} from '../deployment/annotations.ts'
import { newReplicaSet } from '../deployment/new-replica-set.ts'
import { newReplicas, scaleProportionally, shrinkOld } from '../deployment/rolling.ts'
import type { Sized, Sizes } from '../deployment/rolling.ts'
import { deploymentStatus, isComplete, isStatusSame } from '../deployment/status.ts'
import type { Happened } from '../deployment/status.ts'
import { isSameTemplate } from '../deployment/template-hash.ts'
import { hasEnded } from '../pod-state.ts'
import { isSame } from '../same.ts'

/** Moves from one template to the next through ReplicaSets: a rolling update or a fresh start, with history, and a status that tells. */
export const deployment = defineController({
  name: 'deployment',
  workers: 5,
  setUp(scope) {
    const { client, clock, queue, watch } = scope
    const ownerKey = (set: ReplicaSet): string | undefined => {
      const owner = controllerOf(set)
      return owner?.kind === 'Deployment' ? `${set.metadata.namespace ?? ''}/${owner.name}` : undefined
    }
    const onSet = (set: ReplicaSet) => {
      const key = ownerKey(set)
      if (key !== undefined) return queue.add(key)
      if (controllerOf(set) !== undefined) return
      for (const each of lister.by(byNamespace, set.metadata.namespace ?? ''))
        if (matchesSelector(each.spec.selector, set.metadata.labels)) queue.add(keyOf(each))
    }
    const lister = watch(deployments, {
      onAdd: (each) => queue.add(keyOf(each)),
      onUpdate: (each) => queue.add(keyOf(each)),
    })
    const sets = watch(replicaSets, {
      onAdd: onSet,
      onUpdate(set, previous) {
        const before = ownerKey(previous)
        if (before !== undefined && before !== ownerKey(set)) queue.add(before)
        onSet(set)
      },
      onDelete: onSet,
    })
    const podLister = watch(pods, {
      onDelete(pod) {
        // A Recreate waits for the last old pod to be gone.
        const set = sets.get(pod.metadata.namespace, controllerOf(pod)?.name ?? '')
        const key = set === undefined ? undefined : ownerKey(set)
        if (key === undefined) return
        const { namespace, name } = splitKey(key)
        if (lister.get(namespace, name)?.spec.strategy?.type === 'Recreate') queue.add(key)
      },
    })

    async function claimSets(owner: Deployment, signal: AbortSignal): Promise<readonly ReplicaSet[]> {
      const { owned, adopt, release } = claim(owner, owner.spec.selector, sets.by(byNamespace, owner.metadata.namespace ?? ''))
      for (const set of release) await client.patch(replicaSets, objectKey(set), releasal(owner, set), { signal })
      const adopted: ReplicaSet[] = []
      for (const set of adopt) adopted.push(await client.patch(replicaSets, objectKey(set), adoption(owner, set), { signal }))
      return [...owned, ...adopted].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    }

    return async (key, signal) => {
      const { namespace, name } = splitKey(key)
      const found = lister.get(namespace, name)
      if (found === undefined) return
      const rollout = createRollout(scope, found, await claimSets(found, signal), signal)
      if (found.metadata.deletionTimestamp === undefined) {
        const hasOldPods = () =>
          rollout.old().some(({ metadata }) => podLister.by(byController, metadata.uid ?? '').some((pod) => !hasEnded(pod)))
        await advance(rollout, hasOldPods)
      }
      const status = deploymentStatus({
        deployment: rollout.deployment(),
        newSet: rollout.current(),
        oldSets: rollout.old(),
        now: clock.now(),
        ...rollout.happened(),
      })
      if (!isStatusSame(status.status, rollout.deployment().status))
        await client.update(deployments, { ...rollout.deployment(), status: status.status }, { subresource: 'status', signal })
      if (status.deadlineInMs !== undefined) queue.addAfter(key, status.deadlineInMs)
      if (isComplete(found, status.status) && found.spec.paused !== true) await rollout.forgetHistory()
      rollout.throwFailure()
    }
  },
})

/** One step at a time: what it changes comes back as an event, and the next step is decided on what is then there. */
async function advance(rollout: Rollout, hasOldPods: () => boolean): Promise<void> {
  const { spec } = rollout.deployment()
  const isScaling = rollout
    .all()
    .some((set) => set.spec.replicas > 0 && desiredReplicasOf(set) !== undefined && desiredReplicasOf(set) !== spec.replicas)
  if (spec.paused === true || isScaling) {
    await rollout.adoptCurrent()
    const byName = new Map(rollout.all().map((set) => [set.metadata.name, set]))
    const previousMax = ({ name }: Sized) => {
      const set = byName.get(name)
      return (set === undefined ? undefined : maxReplicasOf(set)) ?? rollout.deployment().status?.replicas ?? 0
    }
    const current = rollout.current()
    const sizes = scaleProportionally(
      rollout.deployment(),
      rollout.all().map(sizedOf),
      current === undefined ? undefined : sizedOf(current),
      previousMax,
    )
    return rollout.resize(sizes, true)
  }
  if (spec.strategy?.type === 'Recreate') {
    await rollout.adoptCurrent()
    const running = rollout.old().filter((set) => set.spec.replicas > 0)
    if (running.length > 0) return rollout.resize(new Map(running.map(({ metadata }) => [metadata.name, 0])))
    if (hasOldPods()) return
  }
  const created = await rollout.ensureCurrent()
  const current = rollout.current()
  if (created || current === undefined) return
  const wanted = newReplicas(rollout.deployment(), sizedOf(current), rollout.old().map(sizedOf))
  if (wanted !== current.spec.replicas) return rollout.resize(new Map([[current.metadata.name, wanted]]))
  if (spec.strategy?.type === 'Recreate') return
  await rollout.resize(shrinkOld(rollout.deployment(), sizedOf(current), rollout.old().map(sizedOf)))
}

const sizedOf = ({ metadata, spec, status }: ReplicaSet): Sized => ({
  name: metadata.name,
  replicas: spec.replicas,
  available: status?.availableReplicas ?? 0,
  createdAt: metadata.creationTimestamp ?? '',
})

type Rollout = ReturnType<typeof createRollout>

/** A Deployment and its ReplicaSets during one pass, and the writes that a pass may make; what was written is seen at once. */
function createRollout({ client, recorder }: ControllerScope, found: Deployment, claimed: readonly ReplicaSet[], signal: AbortSignal) {
  let deployment = found
  let failure: unknown
  let happened: Happened | undefined
  const oldestFirst = [...claimed].sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
  let current = oldestFirst.find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template))
  let old = oldestFirst.filter((set) => set !== current)

  const all = () => (current === undefined ? old : [...old, current])
  const nextRevision = () => Math.max(0, ...old.map(revisionOf)) + 1
  const keep = (set: ReplicaSet) => {
    if (set.metadata.name === current?.metadata.name) current = set
    else old = old.map((each) => (each.metadata.name === set.metadata.name ? set : each))
  }

  async function tellRevision(revision: string): Promise<void> {
    if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return
    const body = { metadata: { uid: deployment.metadata.uid, annotations: { [revisionAnnotation]: revision } } }
    const patched = await client.patch(deployments, objectKey(deployment), { type: 'application/merge-patch+json', body }, { signal })
    // A spec that changed meanwhile comes with its own event; this pass goes on with the one it started with.
    deployment = { ...patched, spec: deployment.spec, metadata: { ...patched.metadata, ...generationOf(deployment) } }
  }

  /** The ReplicaSet of the present template, where there is one, gets the newest revision: so a rollback is an ordinary rollout. */
  async function adoptCurrent(): Promise<void> {
    if (current === undefined) return
    const annotations = newReplicaSetAnnotations(deployment, current.metadata.annotations, nextRevision())
    const { minReadySeconds } = deployment.spec
    if (!isSame(annotations, current.metadata.annotations) || (current.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
      const wanted = {
        ...current,
        metadata: { ...current.metadata, annotations },
        spec: { ...current.spec, minReadySeconds: minReadySeconds ?? 0 },
      }
      current = await client.update(replicaSets, wanted, { signal })
    }
    await tellRevision(String(revisionOf(current)))
    if (deployment.status?.conditions?.some(({ type }) => type === 'Progressing') !== true)
      happened = { reason: 'FoundNewReplicaSet', message: `Found new replica set "${current.metadata.name}"` }
  }

  /** Answers whether it was created just now. */
  async function ensureCurrent(): Promise<boolean> {
    if (current !== undefined) {
      await adoptCurrent()
      return false
    }
    const replicas = newReplicas(deployment, undefined, old.map(sizedOf))
    const wanted = newReplicaSet(deployment, replicas, nextRevision())
    const { name } = wanted.metadata
    try {
      current = await client.create(replicaSets, wanted, { signal })
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) {
        current = await takeExisting(wanted)
        return true
      }
      if (signal.aborted) throw error
      failure = error
      happened = { reason: 'ReplicaSetCreateError', message: `Failed to create new replica set "${name}": ${messageOf(error)}` }
      recorder.record(deployment, 'Warning', 'ReplicaSetCreateError', happened.message)
      return false
    }
    if (replicas > 0) recorder.record(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`)
    await tellRevision(String(revisionOf(current)))
    happened = { reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` }
    return true
  }

  /** Ours from a moment ago, not yet seen in the watch; or somebody else's: then the next pass takes another name. */
  async function takeExisting(wanted: ReplicaSet): Promise<ReplicaSet | undefined> {
    const existing = await client.get(replicaSets, objectKey(wanted), { signal })
    const isOurs =
      controllerOf(existing)?.uid === deployment.metadata.uid && isSameTemplate(existing.spec.template, deployment.spec.template)
    if (isOurs) return existing
    const status = { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 }
    deployment = { ...deployment, status }
    await client.update(deployments, deployment, { subresource: 'status', signal })
    throw new Error(`the name ${wanted.metadata.name} is taken by a ReplicaSet of another owner, will take another one`)
  }

  /** `annotateAll`: those whose size stays are told the new total too. */
  async function resize(sizes: Sizes, annotateAll = false): Promise<void> {
    for (const set of all()) {
      const replicas = sizes.get(set.metadata.name) ?? set.spec.replicas
      if (replicas === set.spec.replicas && !(annotateAll && set.spec.replicas > 0)) continue
      const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) }
      if (replicas === set.spec.replicas && isSame(annotations, set.metadata.annotations)) continue
      keep(
        await client.update(
          replicaSets,
          { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } },
          { signal },
        ),
      )
      if (replicas === set.spec.replicas) continue
      const direction = replicas > set.spec.replicas ? 'up' : 'down'
      const message = `Scaled ${direction} replica set ${set.metadata.name} from ${set.spec.replicas} to ${replicas}`
      recorder.record(deployment, 'Normal', 'ScalingReplicaSet', message)
    }
  }

  /** Old ReplicaSets beyond the limit go, lowest revision first; only empty ones whose status is up to date. */
  async function forgetHistory(): Promise<void> {
    const empty = old.filter(
      ({ metadata, spec, status }) =>
        spec.replicas === 0 && (status?.replicas ?? 0) === 0 && (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
    )
    const surplus = [...empty]
      .sort((a, b) => revisionOf(a) - revisionOf(b))
      .slice(0, Math.max(0, empty.length - deployment.spec.revisionHistoryLimit))
    for (const set of surplus) {
      await client.delete(replicaSets, objectKey(set), { signal }).catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error
      })
    }
  }

  return {
    deployment: () => deployment,
    current: () => current,
    old: () => old,
    all,
    happened: () => (happened === undefined ? {} : { happened }),
    adoptCurrent,
    ensureCurrent,
    resize,
    forgetHistory,
    throwFailure() {
      if (failure !== undefined) throw failure
    },
  }
}

const generationOf = ({ metadata: { generation } }: Deployment) => (generation === undefined ? {} : { generation })
