import { existsSync, readFileSync } from 'node:fs'
import { readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cgroupParent, cgroupRoot } from './cgroup-path.ts'
import type { NodeLimits } from './container-config.ts'

const mountPoint = '/sys/fs/cgroup'

const isUnified = () => existsSync(join(mountPoint, 'cgroup.controllers'))

/** Every hierarchy of the machine: one with cgroup v2, one for each controller with v1. */
async function hierarchies(): Promise<readonly string[]> {
  if (isUnified()) return [mountPoint]
  const entries = await readdir(mountPoint, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name)) // cpu → cpu,cpuacct are links
}

/** What the kernel can hold containers to: on a stock Raspberry Pi OS the memory controller is off. */
export function readNodeLimits(): NodeLimits {
  const controllers = isUnified()
    ? readFileSync(join(mountPoint, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
    : ['cpu', 'memory'].filter((name) => existsSync(join(mountPoint, name, 'cgroup.procs')))
  const total = /^MemTotal:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return {
    hasMemoryCgroup: controllers.includes('memory'),
    hasCpuCgroup: controllers.includes('cpu'),
    memoryBytes: Number(total ?? 0) * 1024,
  }
}

/** Removes the pod's groups; the runtime removes the containers' own but leaves their parent. */
export async function removePodCgroups(instance: string, uid: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    for (const qos of ['Guaranteed', 'Burstable', 'BestEffort'] as const)
      await removeTree(join(hierarchy, cgroupParent(instance, qos, uid)))
  }
}

/** Removes all groups of this instance that are empty; for the end of the node. */
export async function removeAllCgroups(instance: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, cgroupRoot(instance)))
}

/** Folders only: the files in a cgroup are the kernel's. A group that is still in use stays. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (!entries) return
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name))
  await rmdir(path).catch(() => {}) // EBUSY: somebody lives there
}
