import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { ContainerStatus } from '@bramble/shared/types/container-status.ts'
import type { PodCondition, PodStatus } from '@bramble/shared/types/pod-status.ts'
import { isSidecar } from '../wanted/pod-facts.ts'
import { timeText } from './time-text.ts'

export type ConditionsInput = {
  readonly pod: Pod
  readonly phase: PodStatus['phase']
  readonly previous: PodStatus | undefined
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly containerStatuses: readonly ContainerStatus[]
  readonly hasSandbox: boolean
  readonly wallNow: number
}

type Verdict = { readonly status: 'True' | 'False'; readonly reason?: string; readonly message?: string }

export const ownConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const

/** The conditions that the kubelet owns; others (readiness gates, the scheduler's) are kept as they are in the API. */
export function conditionsOf(input: ConditionsInput): PodCondition[] {
  const { pod, previous, wallNow } = input
  const containersReady = containersReadyOf(input)
  const own: Readonly<Record<(typeof ownConditions)[number], Verdict>> = {
    PodReadyToStartContainers: { status: input.hasSandbox ? 'True' : 'False' },
    Initialized: initializedOf(input),
    Ready: readyOf(input, containersReady),
    ContainersReady: containersReady,
    PodScheduled: { status: 'True' },
  }
  const { generation } = pod.metadata
  const before = previous?.conditions ?? pod.status?.conditions ?? []
  const conditions = ownConditions.map((type): PodCondition => {
    const verdict = own[type]
    const same = before.find((condition) => condition.type === type && condition.status === verdict.status)
    return {
      type,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: same?.lastTransitionTime ?? timeText(wallNow),
      ...verdict,
    }
  })
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !ownConditions.some((ownType) => ownType === type))
  return [...conditions, ...others]
}

function initializedOf({ pod, phase, initContainerStatuses, containerStatuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  if (containerStatuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated))
    return { status: 'True' }
  const incomplete = (pod.spec.initContainers ?? [])
    .filter((container, index) => {
      const status = initContainerStatuses[index]
      return isSidecar(container) ? status?.started !== true : status?.state?.terminated?.exitCode !== 0
    })
    .map(({ name }) => name)
  if (incomplete.length === 0) return { status: 'True' }
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.join(' ')}]`,
  }
}

function containersReadyOf({ pod, phase, containerStatuses, initContainerStatuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const sidecars = (pod.spec.initContainers ?? []).flatMap((container, index) => {
    const status = initContainerStatuses[index]
    return isSidecar(container) && status ? [status] : []
  })
  const unready = [...sidecars, ...containerStatuses].filter(({ ready }) => !ready).map(({ name }) => name)
  if (unready.length === 0) return { status: 'True' }
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
}

function readyOf({ pod }: ConditionsInput, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return containersReady
  const closed = (pod.spec.readinessGates ?? [])
    .map(({ conditionType }) => ({ conditionType, condition: pod.status?.conditions?.find(({ type }) => type === conditionType) }))
    .filter(({ condition }) => condition?.status !== 'True')
    .map(({ conditionType, condition }) =>
      condition
        ? `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`
        : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
    )
  return closed.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: closed.join(', ') }
}
