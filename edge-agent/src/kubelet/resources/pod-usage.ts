import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { currentSandbox, latest, type SeenPod } from '../observed/seen.ts'
import { cgroupParent } from './cgroup-path.ts'
import { type GroupUsage, groupUsage } from '../../host/group-usage.ts'
import { type InterfaceUsage, networkUsage, ofPod } from '../../host/network-usage.ts'
import type { PodStats } from './pod-stats.ts'

/** What a pod and each of its containers use, as the kernel counts it. Times are epoch milliseconds, 0 when unknown. */
export type PodUsage = Pick<PodStats, 'namespace' | 'name' | 'uid'> & {
  readonly startedAt: number
  readonly group: GroupUsage
  /** Of its own network; none for a pod in the host's. */
  readonly network: readonly InterfaceUsage[]
  readonly containers: readonly ContainerUsage[]
}
export type ContainerUsage = {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly startedAt: number
  /** Of the layer that it writes to. */
  readonly diskBytes: number
  readonly group: GroupUsage
  /** Below each hierarchy. */
  readonly groupPath: string
}

export type PodUsageDeps = {
  readonly instance: string
  readonly stats: () => Promise<readonly PodStats[]>
  readonly seen: (podUid: string, signal: AbortSignal) => Promise<SeenPod>
  readonly root?: string
}

const mountPoint = '/sys/fs/cgroup'

/** Of all pods whose containers run now; looks when it is asked, and keeps nothing. */
export const createPodUsage =
  ({ instance, stats, seen, root = mountPoint }: PodUsageDeps) =>
  async (signal: AbortSignal): Promise<readonly PodUsage[]> => {
    const all: PodUsage[] = []
    for (const { namespace, name, uid, containers } of await stats()) {
      const pod = await seen(uid, signal)
      const sandbox = currentSandbox(pod)
      const path = groupOf(instance, uid, root)
      if (sandbox === undefined || path === undefined) continue
      all.push({
        ...{ namespace, name, uid, startedAt: sandbox.createdAt },
        group: groupUsage(path, root),
        network: sandbox.ips.length === 0 ? [] : networkUsage(aProcessOf(`${path}/${sandbox.id}`, root), ofPod),
        containers: containers.flatMap(({ id, name: container, diskBytes }) => {
          const { id: newest, image = '', startedAt = 0 } = latest(pod, container) ?? {}
          const groupPath = `${path}/${id}`
          return newest === id
            ? [{ ...{ id, name: container, image, startedAt, diskBytes, groupPath }, group: groupUsage(groupPath, root) }]
            : []
        }),
      })
    }
    return all
  }

/** By where it is: what class a pod is of, its spec says, which may have gone. */
const groupOf = (instance: string, uid: string, root: string): string | undefined =>
  (['Guaranteed', 'Burstable', 'BestEffort'] as const)
    .map((qos) => cgroupParent(instance, qos, uid))
    .find((path) => hierarchies.some((controller) => existsSync(join(root, controller, path))))

const hierarchies = ['', 'cpu', 'memory', 'pids']

/** 0 where there is none. */
function aProcessOf(path: string, root: string): number {
  for (const controller of hierarchies) {
    const pid = Number(readText(join(root, controller, path, 'cgroup.procs'))?.split('\n')[0] ?? 0)
    if (pid > 0) return pid
  }
  return 0
}
