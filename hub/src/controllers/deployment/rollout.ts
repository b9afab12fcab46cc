import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf } from '@bramble/shared/api/object-key.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { controllerOf } from '../claim.ts'
import type { ControllerScope } from '../controller.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { newReplicaSetAnnotations, revisionAnnotation, revisionOf, sizeAnnotations } from './annotations.ts'
import { newReplicaSet } from './new-replica-set.ts'
import { newReplicas } from './rolling.ts'
import type { Sized, Sizes } from './rolling.ts'
import type { Happened } from './status.ts'
import { isSameTemplate } from './template-hash.ts'

export type Rollout = ReturnType<typeof createRollout>

/** A Deployment and its ReplicaSets during one pass, and the writes that a pass may make; what was written is seen at once. */
export function createRollout(
  { client, recorder }: ControllerScope,
  found: Deployment,
  claimed: readonly ReplicaSet[],
  signal: AbortSignal,
) {
  let deployment = found
  let failure: unknown
  let happened: Happened | undefined
  const oldestFirst = [...claimed].sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
  let current = oldestFirst.find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template))
  let old = oldestFirst.filter((set) => set !== current)

  const all = () => (current === undefined ? old : [...old, current])
  const nextRevision = () => old.map(revisionOf).reduce((newest, each) => (each > newest ? each : newest), 0n) + 1n
  const keep = (set: ReplicaSet) => {
    if (set.metadata.name === current?.metadata.name) current = set
    else old = old.map((each) => (each.metadata.name === set.metadata.name ? set : each))
  }

  async function tellRevision(revision: string): Promise<void> {
    if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return
    const body = { metadata: { uid: deployment.metadata.uid, annotations: { [revisionAnnotation]: revision } } }
    const patched = await client.patch(deployments, keyOf(deployment), { type: 'application/merge-patch+json', body }, { signal })
    // A spec that changed meanwhile comes with its own event; this pass goes on with the one it started with.
    deployment = { ...patched, spec: deployment.spec, metadata: { ...patched.metadata, ...generationOf(deployment) } }
  }

  /** The ReplicaSet of the present template, where there is one, gets the newest revision: so a rollback is an ordinary rollout. */
  async function adoptCurrent(): Promise<void> {
    if (current === undefined) return
    const annotations = newReplicaSetAnnotations(deployment, current.metadata.annotations, nextRevision())
    const { minReadySeconds } = deployment.spec
    if (!isSameJson(annotations, current.metadata.annotations) || (current.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
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
    const existing = await client.get(replicaSets, keyOf(wanted), { signal })
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
      if (replicas === set.spec.replicas && isSameJson(annotations, set.metadata.annotations)) continue
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
      .sort((a, b) => (revisionOf(a) < revisionOf(b) ? -1 : 1))
      .slice(0, Math.max(0, empty.length - deployment.spec.revisionHistoryLimit))
    for (const set of surplus) {
      await client.delete(replicaSets, keyOf(set), { signal }).catch((error: unknown) => {
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

export const sizedOf = ({ metadata, spec, status }: ReplicaSet): Sized => ({
  name: metadata.name,
  replicas: spec.replicas,
  available: status?.availableReplicas ?? 0,
  createdAt: metadata.creationTimestamp ?? '',
})
