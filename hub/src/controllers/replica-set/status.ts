import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import type { ReplicaSet, ReplicaSetStatus } from '@bramble/shared/kinds/replica-set.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { hasLabels } from '../../client/match-labels.ts'
import { availableInMs, isReady, type SeenReady } from '../pod-state.ts'

export type StatusInput = {
  readonly replicaSet: ReplicaSet
  /** The active pods that belong to it. */
  readonly pods: readonly Pod[]
  /** Why pods could not be created or deleted just now. */
  readonly failure: { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string } | undefined
  readonly now: number
  readonly seenReady: (pod: Pod) => SeenReady
}

export type StatusDecision = {
  readonly status: ReplicaSetStatus
  /** When a ready pod will have been ready for long enough. */
  readonly nextAvailableInMs: number | undefined
}

export function replicaSetStatus({ replicaSet, pods, failure, now, seenReady }: StatusInput): StatusDecision {
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0
  const waits = pods.flatMap((pod) => availableInMs(pod, minReadySeconds, { now, seenReady: seenReady(pod) }) ?? [])
  const pending = waits.filter((ms) => ms > 0)
  const status: ReplicaSetStatus = {
    replicas: pods.length,
    ...countOf('fullyLabeledReplicas', pods.filter(({ metadata }) => hasLabels(templateLabels(replicaSet), metadata.labels)).length),
    ...countOf('readyReplicas', pods.filter(isReady).length),
    ...countOf('availableReplicas', waits.length - pending.length),
    ...(replicaSet.metadata.generation === undefined ? {} : { observedGeneration: replicaSet.metadata.generation }),
  }
  const conditions = conditionsOf(replicaSet, failure, now)
  return {
    status: conditions.length === 0 ? status : { ...status, conditions },
    nextAvailableInMs: pending.length === 0 ? undefined : Math.min(...pending),
  }
}

const templateLabels = ({ spec }: ReplicaSet) => spec.template?.metadata?.labels ?? {}

/** A count of nothing is left out, as Kubernetes leaves it out. */
const countOf = <K extends string>(name: K, count: number) => (count === 0 ? {} : ({ [name]: count } as { readonly [key in K]: number }))

function conditionsOf({ status }: ReplicaSet, failure: StatusInput['failure'], now: number) {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure')
  if (failure === undefined) return others
  const seen = findCondition(status?.conditions, 'ReplicaFailure')
  const isKnown = seen?.status === 'True' && seen.reason === failure.reason
  // The text of a failure varies with generated names; the first one stays, so that a lasting failure is written once.
  if (isKnown) return [...others, seen]
  const condition = { type: 'ReplicaFailure', status: 'True' as const, lastTransitionTime: formatTime(new Date(now)), ...failure }
  return [...others, condition]
}
