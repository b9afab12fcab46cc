import { existsSync, readFileSync } from 'node:fs'
import { readdir, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { memoryInfo } from '../../host/memory-info.ts'
import { cgroupParent, cgroupRoot } from './cgroup-path.ts'
import type { NodeLimits } from '../config/container-config.ts'
import { resourcesOf } from '../wanted/pod-facts.ts'

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
  return {
    hasMemoryCgroup: controllers.includes('memory'),
    hasCpuCgroup: controllers.includes('cpu'),
    memoryBytes: memoryInfo()('MemTotal') ?? 0,
  }
}

/**
 * Gives the pod's own group the sum of what its containers ask for: the kernel divides the processor between pods first.
 * Called once the runtime has made the group; a kernel that lacks a controller only shares less fairly.
 */
export async function setPodCgroup(pod: Pod, instance: string, { hasCpuCgroup, hasMemoryCgroup }: NodeLimits): Promise<void> {
  const qos = qosOf(pod.spec)
  const path = cgroupParent(instance, qos, pod.metadata.uid ?? '')
  const amounts = pod.spec.containers.map(resourcesOf)
  const milli = amounts.reduce((sum, { cpuRequestMilli }) => sum + cpuRequestMilli, 0)
  const shares = Math.max(2, Math.floor((milli * 1024) / 1000))
  const memory = amounts.every(({ memoryLimit }) => memoryLimit > 0) ? amounts.reduce((sum, { memoryLimit }) => sum + memoryLimit, 0) : 0
  const write = (controller: string, group: string, [v1, v2]: readonly [readonly [string, number], readonly [string, number]]) => {
    const [file, value] = isUnified() ? v2 : v1
    return writeFile(join(mountPoint, isUnified() ? '' : controller, group, file), `${value}`).catch(() => {})
  }
  const cpu = (amount: number) =>
    [
      ['cpu.shares', amount],
      ['cpu.weight', weightOf(amount)],
    ] as const
  if (hasCpuCgroup) await write('cpu', path, cpu(shares))
  // Pods that asked for nothing share what the others leave, however many they are.
  if (hasCpuCgroup && qos === 'BestEffort') await write('cpu', dirname(path), cpu(2))
  const isHeld = pod.spec.initContainers?.length ? 0 : memory
  if (hasMemoryCgroup && isHeld > 0)
    await write('memory', path, [
      ['memory.limit_in_bytes', isHeld],
      ['memory.max', isHeld],
    ])
}

/** cgroup v1 shares (2…262144) as v2 weight (1…10000). */
const weightOf = (shares: number) => 1 + Math.floor(((shares - 2) * 9999) / 262_142)

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
