import type { Node } from '@bramble/shared/kinds/node.ts'
import { labelsOfSources, sourcesToldBy } from '@bramble/shared/kinds/rules/volume-sources.ts'
import type { NodeFacts } from './fact.ts'

export type RuntimeStatus = {
  readonly ready: boolean
  /** `containerd://1.6.20` */
  readonly version?: string
  /** Why it is not ready. */
  readonly message?: string
}
export type NetworkStatus = { readonly ready: boolean; readonly message?: string }
export type NodeImage = { readonly names: readonly string[]; readonly sizeBytes: number; readonly platforms?: readonly string[] }

export type NodeInput = {
  readonly name: string
  readonly facts: Partial<NodeFacts>
  readonly runtime: RuntimeStatus
  readonly network: NetworkStatus
  readonly images: readonly NodeImage[]
  /** What keeps pods of this node from others although the node is ready, one sentence each. */
  readonly networkProblems?: readonly string[]
  /** What keeps the node from writing down what it is told. */
  readonly storageProblems?: readonly string[]
  /** What its agent mounts into pods. */
  readonly volumeSources?: readonly string[]
  /** What goes on although the hub does not list it. */
  readonly restored?: string
  /** What the hub has: times of unchanged conditions are kept. */
  readonly seen?: Node
  /** RFC 3339 */
  readonly now: string
}

/** The parts of a Node that its agent owns. Labels and annotations with no value are to be removed. */
export type WantedNode = {
  readonly labels: Readonly<Record<string, string | null>>
  readonly annotations: Readonly<Record<string, string | null>>
  readonly status: WantedStatus
}
type Condition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly lastHeartbeatTime: string
  readonly lastTransitionTime: string
}
type WantedStatus = {
  readonly capacity: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
  readonly conditions: readonly Condition[]
  readonly addresses: readonly { readonly type: string; readonly address: string }[]
  readonly nodeInfo: Readonly<Record<string, string>>
  readonly images: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]
}

/** What the API calls the version of a node; behaviour of that Kubernetes release. */
export const kubeletVersion = 'v1.35.0+bramble0.1.0'

// As Kubernetes: more pods than any board of ours can carry, but tools expect the number.
const maxPods = 110
// As the kubelet's nodeStatusMaxImages; the list is in every copy of the Node.
const maxImages = 50
// As the kubelet's MaxNamesPerImageInNodeStatus.
const maxImageNames = 5
// Pods get what is left above the point where the kubelet would begin to evict for disk.
const evictDiskBelow = 0.1
const defaultReservedMi = 256
// The kubelet's tenth is gigabytes on a large card, and nothing here clears old images away yet: what pods need to start is far less.
const diskPressureBelowBytes = 2 ** 30
const diskPressureBelowInodes = 0.05
// Over by a log line and under by the next is no news.
const pressureEndsAbove = 1.2

/** A link that is down for a moment has no address; the others keep their way to this node until there is another one. */
const internalAddress = ({ facts, seen }: NodeInput): readonly string[] => {
  const known = seen?.status?.addresses?.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
  return (facts.addresses?.length ? facts.addresses : (known ?? [])).slice(0, 1)
}

/** Facts in Kubernetes' shape. */
export function nodeObject(input: NodeInput): WantedNode {
  const { name, facts, images } = input
  const shown = [...images].filter(({ names }) => names.length > 0).sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, maxImages) // prettier-ignore
  return {
    labels: { ...labelsOfVolumes(input), ...labelsOf(name, facts) },
    annotations: annotationsOf(facts, shown),
    status: {
      ...resourcesOf(facts),
      conditions: conditionsOf(input),
      addresses: [...internalAddress(input).map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }],
      nodeInfo: {
        architecture: facts.architecture ?? 'unknown',
        bootID: facts.bootId ?? '',
        containerRuntimeVersion: input.runtime.version ?? '',
        kernelVersion: facts.kernelVersion ?? '',
        kubeProxyVersion: '',
        kubeletVersion,
        machineID: facts.machineId ?? '',
        operatingSystem: 'linux',
        osImage: facts.osImage ?? '',
        systemUUID: facts.systemUuid ?? '',
      },
      images: shown.map(({ names, sizeBytes }) => ({ names: names.slice(0, maxImageNames), sizeBytes })),
    },
  }
}

/** A source that an agent of another version mounted and this one does not is taken back. */
function labelsOfVolumes({ volumeSources = [], seen }: NodeInput): Readonly<Record<string, string | null>> {
  const told = labelsOfSources(seen === undefined ? [] : sourcesToldBy(seen))
  return { ...Object.fromEntries(Object.keys(told).map((label) => [label, null])), ...labelsOfSources(volumeSources) }
}

function labelsOf(name: string, facts: Partial<NodeFacts>): Readonly<Record<string, string | null>> {
  const { architecture = null, kernelArchitecture, board, boardRevision = null, ramGb, pageSizeBytes, storage = null, hasRtc } = facts
  return {
    ...facts.labels,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': board?.model.label ?? null,
    'bramble.io/board': board?.model.label ?? null,
    'bramble.io/board-rev': boardRevision,
    'bramble.io/soc': board?.board.soc ?? null,
    'bramble.io/ram-gb': ramGb === undefined ? null : String(ramGb),
    'bramble.io/page-size': pageSizeBytes === undefined ? null : String(pageSizeBytes),
    'bramble.io/storage': storage,
    'bramble.io/rtc': hasRtc === undefined ? null : String(hasRtc),
    'bramble.io/wifi-only': board?.board.isWifiOnly === true ? 'true' : null,
    // Only said where it surprises: a 32-bit system on a 64-bit kernel.
    'bramble.io/kernel-arch': kernelArchitecture !== undefined && kernelArchitecture !== architecture ? kernelArchitecture : null,
  }
}

function annotationsOf(
  { emulatedArchitectures = [] }: Partial<NodeFacts>,
  images: readonly NodeImage[],
): Readonly<Record<string, string | null>> {
  const platforms = Object.fromEntries(
    images.flatMap(({ names, platforms = [] }) => (platforms.length === 0 ? [] : names.filter(isTag).map((name) => [name, platforms]))),
  )
  return {
    'bramble.io/emulated-architectures': emulatedArchitectures.length === 0 ? null : emulatedArchitectures.join(','),
    'bramble.io/image-platforms': Object.keys(platforms).length === 0 ? null : JSON.stringify(platforms),
  }
}

const isTag = (name: string) => !name.includes('@sha256:')

function resourcesOf({
  cpus,
  memoryBytes,
  ephemeralStorageBytes,
  board,
}: Partial<NodeFacts>): Pick<WantedStatus, 'capacity' | 'allocatable'> {
  const reservedBytes = (board?.board.reservedMemoryMi ?? defaultReservedMi) * 2 ** 20
  const ki = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`
  const both = { ...(cpus !== undefined && { cpu: String(cpus) }), pods: String(maxPods) }
  return {
    capacity: {
      ...both,
      ...(memoryBytes !== undefined && { memory: ki(memoryBytes) }),
      ...(ephemeralStorageBytes !== undefined && { 'ephemeral-storage': ki(ephemeralStorageBytes) }),
    },
    allocatable: {
      ...both,
      ...(memoryBytes !== undefined && { memory: ki(Math.max(0, memoryBytes - reservedBytes)) }),
      ...(ephemeralStorageBytes !== undefined && { 'ephemeral-storage': ki(ephemeralStorageBytes * (1 - evictDiskBelow)) }),
    },
  }
}

function conditionsOf({
  facts,
  runtime,
  network,
  networkProblems = [],
  storageProblems = [],
  restored,
  seen,
  now,
}: NodeInput): readonly Condition[] {
  const notReady = [
    ...(runtime.ready ? [] : [`container runtime is not ready: ${runtime.message ?? 'it does not answer'}`]),
    ...(network.ready ? [] : [`container runtime network not ready: ${network.message ?? 'the pod network is not configured yet'}`]),
  ]
  const hasMemoryCgroup = facts.cgroup?.hasMemory ?? true
  const wasSaid = (type: string) => seen?.status?.conditions?.some((condition) => condition.type === type) ?? false
  const wasTrue = (type: string) => seen?.status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false
  const claims = [
    ['MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    diskClaim(facts, wasTrue('DiskPressure')),
    ['PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    // The next four are said only where they are, or were, a trouble.
    ...(hasMemoryCgroup && !wasSaid('MemoryCgroupDisabled') ? [] : [memoryCgroupClaim(hasMemoryCgroup)]),
    ...(networkProblems.length === 0 && !wasSaid('NetworkDegraded') ? [] : [networkClaim(networkProblems)]),
    ...(storageProblems.length === 0 && !wasSaid('StorageDegraded') ? [] : [storageClaim(storageProblems)]),
    ...(restored === undefined && !wasSaid('HubRestored') ? [] : [restoredClaim(restored)]),
    notReady.length === 0
      ? ['Ready', true, 'KubeletReady', 'kubelet is posting ready status']
      : ['Ready', false, 'KubeletNotReady', notReady.join('; ')],
  ] as const satisfies readonly (readonly [string, boolean, string, string])[]
  return claims.map(([type, holds, reason, message]): Condition => {
    const status = holds ? 'True' : 'False'
    const before = seen?.status?.conditions?.find((condition) => condition.type === type)
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? now) : now
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime }
  })
}

function diskClaim({ diskRoom }: Partial<NodeFacts>, was: boolean) {
  const none = ['DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'] as const
  if (diskRoom === undefined) return none
  const below = Math.min(diskPressureBelowBytes, diskRoom.sizeBytes * evictDiskBelow)
  const margin = was ? pressureEndsAbove : 1
  const lacks = [
    ...(diskRoom.freeBytes < below * margin ? [`${Math.ceil(below / 2 ** 20)}Mi`] : []),
    ...(diskRoom.freeInodes < diskPressureBelowInodes * margin ? [`${diskPressureBelowInodes * 100}% of its inodes`] : []),
  ]
  if (lacks.length === 0) return none
  const message = `the disk pods write to has less than ${lacks.join(' and ')} free: make room; until then no new pod comes here, those that run stay`
  return ['DiskPressure', true, 'KubeletHasDiskPressure', message] as const
}

const memoryCgroupClaim = (hasMemory: boolean) =>
  hasMemory
    ? (['MemoryCgroupDisabled', false, 'MemoryCgroupEnabled', 'memory limits are enforced'] as const)
    : ([
        'MemoryCgroupDisabled',
        true,
        'ControllerDisabledAtBoot',
        'memory limits are not enforced: the kernel was started without the memory controller; append cgroup_enable=memory to the one line of /boot/firmware/cmdline.txt (or /boot/cmdline.txt) and reboot',
      ] as const)

const networkClaim = (problems: readonly string[]) =>
  problems.length === 0
    ? (['NetworkDegraded', false, 'NetworkComplete', 'pods of this node reach all others'] as const)
    : (['NetworkDegraded', true, 'PodsOutOfReach', problems.join('; ')] as const)

const storageClaim = (problems: readonly string[]) =>
  problems.length === 0
    ? (['StorageDegraded', false, 'StorageKeeps', 'what this node is told is kept on its disk'] as const)
    : (['StorageDegraded', true, 'NotKept', problems.join('; ')] as const)

const restoredClaim = (restored: string | undefined) =>
  restored === undefined
    ? (['HubRestored', false, 'HubListsAll', 'the hub lists all that goes on here'] as const)
    : (['HubRestored', true, 'Unlisted', restored] as const)
