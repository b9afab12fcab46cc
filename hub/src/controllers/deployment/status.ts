import type { Deployment, DeploymentCondition, DeploymentStatus } from '@bramble/shared/kinds/deployment.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { rollingBounds } from './rolling.ts'

export type DeploymentStatusInput = {
  readonly deployment: Deployment
  readonly newSet: ReplicaSet | undefined
  readonly oldSets: readonly ReplicaSet[]
  /** Wall time, for the times that are told. */
  readonly now: number
  /** How long ago, by a clock that nobody sets, the rollout said that it moved at this time. */
  readonly progressAgeMs: (updatedAt: string | undefined) => number
  /** Something this pass did that counts as progress: `NewReplicaSetCreated`. */
  readonly happened?: Happened
}
export type Happened = {
  readonly reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet' | 'ReplicaSetCreateError'
  readonly message: string
}
export type DeploymentStatusDecision = {
  readonly status: DeploymentStatus
  /** When the progress deadline is to be looked at again. */
  readonly deadlineInMs: number | undefined
}

/** A deadline of this says: none. */
const noDeadline = 2 ** 31 - 1

export function deploymentStatus(input: DeploymentStatusInput): DeploymentStatusDecision {
  const { deployment, newSet, oldSets, now } = input
  const sets = newSet === undefined ? oldSets : [...oldSets, newSet]
  const sum = (of: (set: ReplicaSet) => number | undefined) => sets.reduce((total, set) => total + (of(set) ?? 0), 0)
  const wantedTotal = sum(({ spec }) => spec.replicas)
  const availableReplicas = sum(({ status }) => status?.availableReplicas)
  const seen = deployment.status ?? {}
  const counts: DeploymentStatus = {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...present(
      'replicas',
      sum(({ status }) => status?.replicas),
    ),
    ...present('updatedReplicas', newSet?.status?.replicas ?? 0),
    ...present(
      'readyReplicas',
      sum(({ status }) => status?.readyReplicas),
    ),
    ...present('availableReplicas', availableReplicas),
    ...present('unavailableReplicas', Math.max(0, wantedTotal - availableReplicas)),
    ...(seen.collisionCount === undefined ? {} : { collisionCount: seen.collisionCount }),
  }
  const progressing = progressCondition(input, counts)
  const conditions = [
    availability(deployment, availableReplicas, now),
    ...(progressing === undefined ? [] : [progressing]),
    ...failureOf(deployment, sets, now),
  ]
  const known = new Set(['Available', 'Progressing', 'ReplicaFailure'])
  const others = (seen.conditions ?? []).filter(({ type }) => !known.has(type ?? ''))
  const status = { ...counts, conditions: sortAsSeen([...conditions, ...others], seen.conditions ?? []) }
  return { status, deadlineInMs: deadlineInMs(input, counts, progressing) }
}

const present = <K extends string>(name: K, count: number) => (count === 0 ? {} : ({ [name]: count } as { readonly [key in K]: number }))

/** The order in which conditions were first written is kept: an order that changes would be a write. */
function sortAsSeen(conditions: DeploymentCondition[], seen: readonly DeploymentCondition[]): DeploymentCondition[] {
  const place = ({ type }: DeploymentCondition) => {
    const index = seen.findIndex((each) => each.type === type)
    return index < 0 ? seen.length : index
  }
  return conditions.sort((a, b) => place(a) - place(b))
}

/** The same status and reason is the same condition, times and all; a new reason with the same status keeps its transition time. */
function condition(
  { status: seenStatus }: Deployment,
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
  refresh = false,
): DeploymentCondition {
  const seen = seenStatus?.conditions?.find((each) => each.type === type)
  if (!refresh && seen?.status === status && seen.reason === reason) return seen
  const at = formatTime(new Date(now))
  const lastTransitionTime = seen?.status === status ? (seen.lastTransitionTime ?? at) : at
  return { type, status, lastUpdateTime: at, lastTransitionTime, reason, message }
}

const availability = (deployment: Deployment, available: number, now: number) =>
  available >= deployment.spec.replicas - rollingBounds(deployment).maxUnavailable
    ? condition(deployment, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition(deployment, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now)

function failureOf(deployment: Deployment, sets: readonly ReplicaSet[], now: number): DeploymentCondition[] {
  for (const { status } of sets) {
    const failure = status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    if (failure !== undefined) return [condition(deployment, 'ReplicaFailure', 'True', failure.reason ?? '', failure.message ?? '', now)]
  }
  return []
}

export const isComplete = ({ spec }: Deployment, counts: DeploymentStatus): boolean =>
  (counts.updatedReplicas ?? 0) === spec.replicas &&
  (counts.replicas ?? 0) === spec.replicas &&
  (counts.availableReplicas ?? 0) === spec.replicas

function hasProgressed({ status: seen }: Deployment, counts: DeploymentStatus): boolean {
  const updated = counts.updatedReplicas ?? 0
  const seenUpdated = seen?.updatedReplicas ?? 0
  return (
    updated > seenUpdated ||
    (counts.replicas ?? 0) - updated < (seen?.replicas ?? 0) - seenUpdated ||
    (counts.readyReplicas ?? 0) > (seen?.readyReplicas ?? 0) ||
    (counts.availableReplicas ?? 0) > (seen?.availableReplicas ?? 0)
  )
}

function progressCondition(input: DeploymentStatusInput, counts: DeploymentStatus): DeploymentCondition | undefined {
  const { deployment, newSet, now, happened, progressAgeMs } = input
  const seen = findCondition(deployment.status?.conditions, 'Progressing')
  const say = (status: 'True' | 'False' | 'Unknown', reason: string, message: string, refresh = false) =>
    condition(deployment, 'Progressing', status, reason, message, now, refresh)
  if (!hasDeadline(deployment)) return undefined
  if (deployment.spec.paused === true) {
    if (seen?.reason === 'ProgressDeadlineExceeded') return seen
    return say('Unknown', 'DeploymentPaused', 'Deployment is paused')
  }
  const subject = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`
  if (happened?.reason === 'ReplicaSetCreateError') return say('False', happened.reason, happened.message)
  if (isComplete(deployment, counts) && newSet !== undefined)
    return say('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`)
  if (seen?.reason === 'DeploymentPaused') return say('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  if (happened !== undefined) return say('True', happened.reason, happened.message, true)
  // A finished rollout that loses pods later is not a rollout again.
  const isOver = (counts.replicas ?? 0) === (counts.updatedReplicas ?? 0) && seen?.reason === 'NewReplicaSetAvailable'
  if (isOver) return seen
  if (hasProgressed(deployment, counts)) return say('True', 'ReplicaSetUpdated', `${subject} is progressing.`, true)
  if (isTimedOut(deployment, seen, progressAgeMs)) return say('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`)
  return seen
}

const hasDeadline = ({ spec }: Deployment) => spec.progressDeadlineSeconds !== noDeadline

const isTimedOut = (
  { spec }: Deployment,
  seen: DeploymentCondition | undefined,
  progressAgeMs: DeploymentStatusInput['progressAgeMs'],
): boolean =>
  seen !== undefined &&
  (seen.reason === 'ProgressDeadlineExceeded' ||
    (seen.reason !== 'NewReplicaSetAvailable' && progressAgeMs(seen.lastUpdateTime ?? undefined) >= spec.progressDeadlineSeconds * 1000))

function deadlineInMs(
  { deployment, progressAgeMs }: DeploymentStatusInput,
  counts: DeploymentStatus,
  progressing: DeploymentCondition | undefined,
): number | undefined {
  if (progressing === undefined || deployment.spec.paused === true || isComplete(deployment, counts)) return undefined
  if (progressing.reason === 'ProgressDeadlineExceeded' || progressing.reason === 'NewReplicaSetAvailable') return undefined
  const left = deployment.spec.progressDeadlineSeconds * 1000 - progressAgeMs(progressing.lastUpdateTime ?? undefined)
  // Two steps within one second have the same time: a second late is on the safe side.
  return Math.max(1_000, left + 1_000)
}

/** True when writing the status would change nothing. */
export const isStatusSame = (a: DeploymentStatus, b: DeploymentStatus | undefined): boolean => isSameJson(a, b ?? {})
