import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import { capabilityName } from '@bramble/shared/meta/capability.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { ContainerConfig, ContainerResources } from '../../cri/cri.ts'
import {
  containerNameLabel,
  graceAnnotation,
  hashAnnotation,
  instanceLabel,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
  preStopAnnotation,
  restartCountAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from '../observed/labels.ts'
import { expandWords } from '../env/expand.ts'
import { logPath } from '../paths.ts'
import { hashOf, resourcesOf } from '../wanted/pod-facts.ts'
import { pidModeOf, supplementalGroupsOf } from './sandbox-config.ts'

export type EnvEntry = { readonly name: string; readonly value: string }
export type MountEntry = {
  readonly containerPath: string
  readonly hostPath: string
  readonly readonly: boolean
  readonly propagation?: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL'
}

export type ContainerConfigInput = {
  readonly pod: Pod
  readonly container: Container
  readonly restartCount: number
  readonly instance: string
  /** The image as the runtime resolved it. */
  readonly imageRef: string
  /** Whom the image names, asked for only where `needsImageUser`. */
  readonly imageUser?: string
  readonly env: readonly EnvEntry[]
  readonly mounts: readonly MountEntry[]
  readonly limits: NodeLimits
  /** The running container of the pod whose processes it shares. */
  readonly targetId?: string
}

/** What the node can enforce, and how much memory it has. */
export type NodeLimits = { readonly hasMemoryCgroup: boolean; readonly hasCpuCgroup: boolean; readonly memoryBytes: number }

// A hook is kept with its container for a pod that is deleted at once, whose spec is gone when it stops. A longer one would be in every list
// that the runtime makes, which ends at 16 MiB.
const maxHookLength = 16 * 1024

/** The CRI configuration of one container. Pure. */
export function containerConfig(input: ContainerConfigInput): ContainerConfig {
  const { pod, container, restartCount, instance, imageRef, env, mounts } = input
  const { name: podName, namespace = '', uid = '' } = pod.metadata
  const { name, command = [], args = [], workingDir = '', lifecycle } = container
  const values = new Map(env.map((entry) => [entry.name, entry.value]))
  const preStop = lifecycle?.preStop ? JSON.stringify(lifecycle.preStop) : ''
  return {
    metadata: { name, attempt: restartCount },
    image: { image: imageRef },
    command: expandWords(command, values),
    args: expandWords(args, values),
    workingDir,
    envs: env.map((entry) => ({ key: entry.name, value: Buffer.from(entry.value) })),
    mounts,
    labels: {
      [instanceLabel]: instance,
      [podNameLabel]: podName,
      [podNamespaceLabel]: namespace,
      [podUidLabel]: uid,
      [containerNameLabel]: name,
    },
    annotations: {
      [hashAnnotation]: hashOf(container),
      [restartCountAnnotation]: `${restartCount}`,
      [terminationMessagePathAnnotation]: container.terminationMessagePath,
      [terminationMessagePolicyAnnotation]: container.terminationMessagePolicy,
      [graceAnnotation]: `${pod.spec.terminationGracePeriodSeconds}`,
      ...(preStop.length === 0 || preStop.length > maxHookLength ? {} : { [preStopAnnotation]: preStop }),
    },
    logPath: logPath(name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: { resources: containerResources(input), securityContext: securityOf(input) },
  }
}

const cpuPeriodMicros = 100_000

/** Shares, quota, memory limit and the kernel's out-of-memory score of one container. */
export function containerResources({
  pod,
  container,
  limits,
}: Pick<ContainerConfigInput, 'pod' | 'container' | 'limits'>): ContainerResources {
  const { cpuRequestMilli, cpuLimitMilli, memoryRequest, memoryLimit } = resourcesOf(container)
  const cpu = {
    // 2 is the kernel's least.
    cpuShares: Math.max(2, Math.floor((cpuRequestMilli * 1024) / 1000)),
    ...(cpuLimitMilli > 0
      ? { cpuPeriod: cpuPeriodMicros, cpuQuota: Math.max(1000, Math.floor((cpuLimitMilli * cpuPeriodMicros) / 1000)) }
      : {}),
  }
  return {
    ...(limits.hasCpuCgroup ? cpu : {}),
    ...(limits.hasMemoryCgroup && memoryLimit > 0 ? { memoryLimitInBytes: memoryLimit } : {}),
    oomScoreAdj: oomScoreOf(pod, memoryRequest, limits.memoryBytes),
  }
}

/** The scale of Kubernetes: what was promised dies last, who asked for more dies earlier. */
function oomScoreOf(pod: Pod, memoryRequest: number, nodeMemoryBytes: number): number {
  const qos = qosOf(pod.spec)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort' || nodeMemoryBytes === 0) return 1000
  const score = 1000 - Math.floor((1000 * memoryRequest) / nodeMemoryBytes)
  return Math.min(999, Math.max(3, score))
}

function securityOf({ pod, container, imageUser, targetId }: ContainerConfigInput) {
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext
  const isPrivileged = own.privileged === true
  const runAsUser = own.runAsUser ?? shared.runAsUser
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup
  const seccomp = own.seccompProfile ?? shared.seccompProfile
  const isMasked = !isPrivileged && own.procMount !== 'Unmasked'
  return {
    privileged: isPrivileged,
    capabilities: {
      addCapabilities: (own.capabilities?.add ?? []).map(capabilityName),
      dropCapabilities: (own.capabilities?.drop ?? []).map(capabilityName),
    },
    namespaceOptions: {
      network: pod.spec.hostNetwork ? ('NODE' as const) : ('POD' as const),
      ipc: pod.spec.hostIPC ? ('NODE' as const) : ('POD' as const),
      ...processesOf(pod, targetId),
    },
    ...(runAsUser !== undefined ? { runAsUser: { value: runAsUser } } : runAsGroup !== undefined ? userOfImage(imageUser) : {}),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    supplementalGroups: supplementalGroupsOf(pod),
    noNewPrivs: own.allowPrivilegeEscalation === false && !isPrivileged,
    maskedPaths: isMasked ? maskedPaths : [],
    readonlyPaths: isMasked ? readonlyPaths : [],
    seccomp: {
      profileType: isPrivileged ? ('Unconfined' as const) : (seccomp?.type ?? ('Unconfined' as const)),
      ...(seccomp?.type === 'Localhost' && seccomp.localhostProfile !== undefined ? { localhostRef: seccomp.localhostProfile } : {}),
    },
  }
}

/** Whose processes a container sees. Where those of all are in one namespace, those of its target are there too. */
function processesOf(pod: Pod, targetId: string | undefined) {
  const pid = pidModeOf(pod)
  return targetId === undefined || pid !== 'CONTAINER' ? { pid } : { pid: 'TARGET' as const, targetId }
}

/** A runtime takes a group only beside a user: who gives the group alone means the user of the image. */
function userOfImage(imageUser = ''): { runAsUser: { value: number } } | { runAsUsername: string } {
  const [user = ''] = imageUser.split(':')
  return /^\d*$/.test(user) ? { runAsUser: { value: Number(user) } } : { runAsUsername: user }
}

// The defaults of the OCI runtime specification's users for `procMount: Default`.
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Whether it matters who the image says that it runs as. */
export function needsImageUser({ spec }: Pod, { securityContext: own }: Container): boolean {
  const { securityContext: shared } = spec
  if (own?.runAsNonRoot ?? shared.runAsNonRoot) return true
  return (own?.runAsGroup ?? shared.runAsGroup) !== undefined && (own?.runAsUser ?? shared.runAsUser) === undefined
}

/** Why the container may not run as the user it would run as; undefined when it may. `imageUser` is the image's own. */
export function runAsNonRootRefusal(pod: Pod, container: Container, imageUser: string | undefined): string | undefined {
  const isRequired = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext.runAsNonRoot ?? false
  if (!isRequired) return undefined
  const runAsUser = container.securityContext?.runAsUser ?? pod.spec.securityContext.runAsUser
  if (runAsUser !== undefined)
    return runAsUser === 0 ? `container's runAsUser breaks non-root policy (container: ${container.name})` : undefined
  const user = (imageUser ?? '').split(':')[0] ?? ''
  if (/^0*$/.test(user)) return `container has runAsNonRoot and image will run as root (container: ${container.name})`
  if (/^\d+$/.test(user)) return undefined
  return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root (container: ${container.name})`
}
