import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Cri } from '../cri/cri.ts'
import type { ActiveTime } from './plan/active-time.ts'
import type { NodeLimits } from './config/container-config.ts'
import type { Endings } from './plan/endings.ts'
import type { Objects } from './env/env.ts'
import type { Limiter } from './limiter.ts'
import type { PodMemory } from './plan/memory.ts'
import type { PodPaths } from './paths.ts'
import type { Beside } from './steps/beside.ts'
import type { LeftBehind } from './steps/left-behind.ts'
import type { ResolverFiles } from './config/resolver-files.ts'
import type { Resolver } from './config/sandbox-config.ts'
import type { SeenPod } from './observed/seen.ts'
import type { PodVolumes } from './volumes/pod-volumes.ts'

/** Tells what happened to a pod, or to the container of it that is named. */
export type EmitEvent = (pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, container?: string) => void

/** What all pods of the kubelet share, and every step may use. */
export type KubeletParts = {
  readonly cri: Cri
  readonly clock: Clock
  readonly log: Log
  readonly instance: string
  readonly nodeName: string
  readonly hostIP: () => string
  /** `containerd`, `cri-o`: the scheme of container ids. */
  readonly runtime: () => string
  readonly clusterDomain: string
  readonly clusterResolver: () => Resolver | undefined
  /** What the node has to give: the value of limits that were not set. */
  readonly allocatable: () => Readonly<Record<string, string>>
  readonly limits: NodeLimits
  readonly paths: PodPaths
  readonly volumes: PodVolumes
  readonly activeTime: ActiveTime
  readonly endings: Endings
  readonly resolverFiles: ResolverFiles
  /** ConfigMaps and Secrets of a namespace, and all Services. */
  readonly objects: (namespace: string) => Objects
  /** Why the pod may not have its ports of the node yet. */
  readonly hostPortTaken: (pod: Pod) => string | undefined
  readonly emit: EmitEvent
  /** Nothing is left of the pod: what is remembered of its events goes. */
  readonly forgetEvents: (uid: string) => void
  readonly confirmDeleted: (pod: Pod) => void
  /** At most so many pulls, and so many sandboxes and containers being started, at a time. */
  readonly pulling: Limiter
  readonly starting: Limiter
}

/** One pod in the hands of its steps. */
export type StepContext = KubeletParts & {
  readonly pod: Pod | undefined
  readonly uid: string
  readonly seen: SeenPod
  readonly memory: () => PodMemory
  readonly remember: (change: Partial<PodMemory>) => void
  /** Aborted when the agent stops, or when the pod is wanted otherwise than when the step began. */
  readonly signal: AbortSignal
  /** For calls that the signal ends the wait for, and not the call. */
  readonly leftBehind: LeftBehind
  /** For work that the next steps do not wait for. */
  readonly beside: Beside
}

/** `failed`: remembered with its retry time, and what follows in the plan and needs it is left for the next plan. */
export type StepResult = 'done' | 'failed'

export const nodeFacts = ({ nodeName, hostIP, allocatable, seen, pod }: StepContext) => ({
  nodeName,
  hostIP: hostIP(),
  podIPs: pod?.spec.hostNetwork ? [hostIP()] : (seen.sandboxes[0]?.ips ?? []),
  allocatable: allocatable(),
})
