import type { Clock } from '@bramble/shared/clock.ts'
import type { Container, ContainerStatus, Cri, PodSandbox } from '../../cri/cri.ts'
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
} from './labels.ts'
import { nothingSeen, type SeenContainer, type SeenPod, type SeenSandbox } from './seen.ts'

export type Observer = {
  /** Everything of ours that the runtime knows, by pod UID. */
  all(signal: AbortSignal): Promise<ReadonlyMap<string, SeenPod>>
  /** One pod, read anew. */
  pod(uid: string, signal: AbortSignal): Promise<SeenPod>
  /** Pod UID of a container or sandbox seen before. */
  owner(id: string): string | undefined
}

export type ObserverDeps = {
  readonly cri: Cri
  readonly instance: string
  readonly clock: Clock
  /** The termination message of a container that ended; '' when it left none. */
  readonly readMessage: (status: ContainerStatus) => Promise<string>
}

/** Reads what runs, and remembers what cannot change any more, so that a look costs two calls and not one for each container. */
export function createObserver({ cri, instance, clock, readMessage }: ObserverDeps): Observer {
  const statuses = new Map<string, { readonly state: Container['state']; readonly container: SeenContainer }>()
  const addresses = new Map<string, readonly string[]>()
  const owners = new Map<string, string>()

  const sandboxOf = async (sandbox: PodSandbox, signal: AbortSignal): Promise<SeenSandbox> => {
    const isReady = sandbox.state === 'SANDBOX_READY'
    let ips = addresses.get(sandbox.id)
    if (isReady && ips === undefined) {
      const network = (await cri.podSandboxStatus(sandbox.id, { signal }))?.network
      ips = network ? [network.ip, ...network.additionalIps.map(({ ip }) => ip)].filter((ip) => ip !== '') : []
      addresses.set(sandbox.id, ips)
    }
    const { id, metadata, createdAt } = sandbox
    return { id, attempt: metadata?.attempt ?? 0, isReady, createdAt: millis(createdAt), ips: ips ?? [] }
  }

  const containerOf = async (listed: Container, signal: AbortSignal): Promise<SeenContainer | undefined> => {
    const known = statuses.get(listed.id)
    if (known?.state === listed.state) return known.container
    const status = await cri.containerStatus(listed.id, { signal })
    if (!status) return undefined // removed between the two calls
    const end = status.state === 'CONTAINER_EXITED' ? { at: clock.monotonic(), message: await readMessage(status) } : undefined
    const container = seenContainer(listed, status, end)
    statuses.set(listed.id, { state: status.state, container })
    return container
  }

  const group = async (labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Map<string, SeenPod>> => {
    const [sandboxes, containers] = await Promise.all([
      cri.listPodSandboxes({ labels }, { signal }),
      cri.listContainers({ labels }, { signal }),
    ])
    const pods = new Map<string, { uid: string; name: string; namespace: string; sandboxes: SeenSandbox[]; containers: SeenContainer[] }>()
    const podOf = (of: PodSandbox | Container) => {
      const uid = of.labels[podUidLabel] ?? ''
      const pod = pods.get(uid) ?? {
        ...nothingSeen(uid, of.labels[podNamespaceLabel] ?? '', of.labels[podNameLabel] ?? ''),
        sandboxes: [],
        containers: [],
      }
      pods.set(uid, pod)
      owners.set(of.id, uid)
      return pod
    }
    for (const sandbox of sandboxes) podOf(sandbox).sandboxes.push(await sandboxOf(sandbox, signal))
    for (const listed of containers) {
      const container = await containerOf(listed, signal)
      if (container) podOf(listed).containers.push(container)
    }
    for (const pod of pods.values()) {
      pod.sandboxes.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
      pod.containers.sort((a, b) => b.restartCount - a.restartCount || b.createdAt - a.createdAt)
    }
    return pods
  }

  return {
    async all(signal) {
      const pods = await group({ [instanceLabel]: instance }, signal)
      const alive = new Set([...pods.values()].flatMap(({ sandboxes, containers }) => [...sandboxes, ...containers].map(({ id }) => id)))
      for (const known of [statuses, addresses, owners]) {
        for (const id of known.keys()) if (!alive.has(id)) known.delete(id)
      }
      return pods
    },
    async pod(uid, signal) {
      const pods = await group({ [instanceLabel]: instance, [podUidLabel]: uid }, signal)
      return pods.get(uid) ?? nothingSeen(uid, '', '')
    },
    owner: (id) => owners.get(id),
  }
}

const states = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
} as const

type End = { readonly at: number; readonly message: string }

function seenContainer(listed: Container, status: ContainerStatus, end: End | undefined): SeenContainer {
  const { annotations, labels } = status
  return {
    id: status.id,
    sandboxId: listed.podSandboxId,
    name: labels[containerNameLabel] ?? status.metadata?.name ?? '',
    state: states[status.state] ?? 'unknown',
    restartCount: number(annotations[restartCountAnnotation]),
    hash: annotations[hashAnnotation] ?? '',
    createdAt: millis(status.createdAt),
    startedAt: millis(status.startedAt),
    finishedAt: millis(status.finishedAt),
    endedAt: end?.at ?? 0,
    exitCode: status.exitCode,
    reason: status.reason,
    message: end?.message || status.message,
    image: status.image?.image ?? '',
    imageRef: status.imageRef,
    graceSeconds: number(annotations[graceAnnotation] ?? '30'),
    preStop: annotations[preStopAnnotation] ?? '',
  }
}

/** The runtime counts nanoseconds since 1970, beyond what a number holds exactly. */
export const millis = (nanos: number | bigint): number => Math.max(0, Number(BigInt(nanos) / 1_000_000n))
const number = (text: string | undefined): number => Number(text ?? 0) || 0
