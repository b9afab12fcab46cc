import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { ContainerStatus } from '@bramble/shared/types/container-status.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { type ContainerRole, containerStatusOf } from './container-status.ts'
import type { PodMemory } from '../plan/memory.ts'
import { conditionsOf } from './pod-conditions.ts'
import { isSidecar } from '../wanted/pod-facts.ts'
import { outcomeOf } from '../plan/pod-outcome.ts'
import { currentSandbox, type SeenPod } from '../observed/seen.ts'
import { timeText } from './time-text.ts'

export type StatusInput = {
  readonly pod: Pod
  readonly seen: SeenPod
  readonly memory: PodMemory
  /** What was last told; transition times and what is no longer seen come from it. */
  readonly previous: PodStatus | undefined
  readonly hostIP: string
  /** `containerd`: the scheme of container ids. */
  readonly runtime: string
  /** Monotonic, as all that is remembered. */
  readonly now: number
  /** Wall time, for the times that are told. */
  readonly wallNow: number
  readonly activeMs?: number
}

/** The status that the API is to show, as the kubelet of Kubernetes words it. Pure. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, seen, previous, hostIP, wallNow } = input
  const { spec, metadata } = pod
  const wasTerminal = previous?.phase === 'Succeeded' || previous?.phase === 'Failed'
  const outcome = wasTerminal ? undefined : outcomeOf(pod, seen, input)
  const isEnding = wasTerminal || outcome !== undefined
  const statusOf = (container: Container, role: ContainerRole) => containerStatusOf({ ...input, container, role, isEnding })
  const initContainerStatuses = (spec.initContainers ?? []).map((container) => statusOf(container, 'init'))
  const containerStatuses = spec.containers.map((container) => statusOf(container, 'main'))
  // Nobody waits for those, so nothing is said of whether they are ready.
  const ephemeralContainerStatuses = (spec.ephemeralContainers ?? []).map((container) => {
    const { started: _, ...status } = statusOf(container, 'ephemeral')
    return { ...status, ready: false }
  })

  // A pod has ended when nothing of it runs, whoever still looks into it.
  const isUp = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].some(({ state }) => state?.running)
  const phase = wasTerminal ? previous.phase : phaseOf(pod, { initContainerStatuses, containerStatuses, isUp, outcome: outcome?.phase })
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  // A container of a pod that is over is not ready, whatever a probe said last; an init container that did its work stays so.
  const settle = (statuses: ContainerStatus[], isInit: boolean) =>
    isOver ? statuses.map((status) => (isInit && status.state?.terminated ? status : { ...status, ready: false })) : statuses

  const sandbox = currentSandbox(seen)
  const ips = spec.hostNetwork ? [hostIP].filter((ip) => ip !== '') : sandbox ? sandbox.ips : (previous?.podIPs ?? []).map(({ ip }) => ip)
  const reason = wasTerminal ? previous.reason : (outcome?.reason ?? undefined)
  const message = wasTerminal ? previous.message : (outcome?.message ?? undefined)

  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    phase,
    conditions: conditionsOf({
      ...input,
      phase,
      initContainerStatuses: settle(initContainerStatuses, true),
      containerStatuses: settle(containerStatuses, false),
      hasSandbox: sandbox !== undefined && (spec.hostNetwork === true || sandbox.ips.length > 0),
    }),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    ...(hostIP === '' ? {} : { hostIP, hostIPs: [{ ip: hostIP }] }),
    ...(ips.length === 0 ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: previous?.startTime ?? timeText(wallNow),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses: settle(initContainerStatuses, true) }),
    containerStatuses: settle(containerStatuses, false),
    ...(ephemeralContainerStatuses.length === 0 ? {} : { ephemeralContainerStatuses }),
    qosClass: qosOf(pod.spec),
  }
}

type PhaseInput = {
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly containerStatuses: readonly ContainerStatus[]
  readonly isUp: boolean
  readonly outcome: 'Succeeded' | 'Failed' | undefined
}

function phaseOf({ spec, metadata }: Pod, { initContainerStatuses, containerStatuses, isUp, outcome }: PhaseInput): PodStatus['phase'] {
  if (outcome !== undefined) return isUp ? 'Running' : outcome
  if (metadata.deletionTimestamp !== undefined && !isUp) {
    const ends = containerStatuses.map(({ state }) => state?.terminated?.exitCode)
    // Stopped on request: the pod will not run again, and how its containers ended says how it went.
    if (ends.every((exitCode) => exitCode !== undefined)) return ends.every((exitCode) => exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  const isWaitingForInit = (spec.initContainers ?? []).some((container, index) => {
    const status = initContainerStatuses[index]
    return isSidecar(container) ? status?.started !== true && !status?.lastState?.terminated : status?.state?.terminated?.exitCode !== 0
  })
  const hasRun = (status: ContainerStatus) => status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated
  if (isWaitingForInit && !containerStatuses.some(hasRun)) return 'Pending'
  return containerStatuses.every(hasRun) ? 'Running' : 'Pending'
}
