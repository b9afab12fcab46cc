import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { rollingBounds } from './rolling.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

type Annotations = Readonly<Record<string, string>>

/** What belongs to one of the two objects alone and is not carried from the Deployment to its ReplicaSets. */
const own = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
])

const numberIn = (annotations: Annotations | undefined, name: string): number | undefined => {
  const text = annotations?.[name]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

const maxRevision = 2n ** 63n - 1n

/** A revision has 64 bits; what is no such number counts as none, as in Kubernetes. */
function revisionIn(annotations: Annotations | undefined): bigint | undefined {
  const text = annotations?.[revisionAnnotation]
  if (text === undefined || !/^\d{1,19}$/.test(text)) return undefined
  const revision = BigInt(text)
  return revision > maxRevision ? undefined : revision
}

export const revisionOf = ({ metadata }: ReplicaSet): bigint => revisionIn(metadata.annotations) ?? 0n
export const desiredReplicasOf = ({ metadata }: ReplicaSet): number | undefined => numberIn(metadata.annotations, desiredReplicasAnnotation)
export const maxReplicasOf = ({ metadata }: ReplicaSet): number | undefined => numberIn(metadata.annotations, maxReplicasAnnotation)

/** Kept with every ReplicaSet of a Deployment, so that a change of the Deployment's size can be told from a rollout. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [desiredReplicasAnnotation]: String(deployment.spec.replicas),
  [maxReplicasAnnotation]: String(deployment.spec.replicas + rollingBounds(deployment).maxSurge),
})

/** The new ReplicaSet's annotations: the Deployment's, and its revision; earlier revisions under which it served are remembered. */
export function newReplicaSetAnnotations(deployment: Deployment, current: Annotations | undefined, revision: bigint): Annotations {
  const carried = Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !own.has(name)))
  const earlier = revisionIn(current)
  if (earlier !== undefined && earlier >= revision) return { ...current, ...carried }
  const history = [...(current?.[revisionHistoryAnnotation]?.split(',') ?? []), ...(earlier === undefined ? [] : [String(earlier)])]
  return {
    ...current,
    ...carried,
    [revisionAnnotation]: String(revision),
    ...(history.length === 0 ? {} : { [revisionHistoryAnnotation]: history.slice(-50).join(',') }),
  }
}
