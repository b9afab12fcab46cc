import type { GroupUsage } from '../../host/group-usage.ts'
import type { InterfaceUsage } from '../../host/network-usage.ts'
import { definePage, type Machine } from '../page.ts'

/** What a node and its pods use now (Kubernetes: "Node metrics data", Summary API v1alpha1). Volumes are not measured: to count their files wears the card. */
export const statsSummary = definePage({
  path: '/stats/summary',
  contentType: 'application/json',
  async text(scene, signal) {
    const pace = await scene.pace(signal)
    const pods = await scene.pods(signal)
    const machine = scene.machine()
    const time = at(scene.clock.now())
    const { disk } = machine
    const fs = {
      time,
      availableBytes: disk.freeBytes,
      capacityBytes: disk.sizeBytes,
      usedBytes: disk.sizeBytes - disk.freeBytes,
      inodesFree: disk.freeInodes,
      inodes: disk.inodes,
      inodesUsed: disk.inodes - disk.freeInodes,
    }
    return JSON.stringify({
      node: {
        nodeName: scene.nodeName,
        startTime: at(machine.startedAt),
        cpu: cpuOf(time, machine.group, pace.get('')),
        memory: { ...memoryOf(time, machine.group), availableBytes: availableOf(machine) },
        ...(machine.network.length > 0 && { network: networkOf(time, machine.network) }),
        fs,
        runtime: { imageFs: fs, containerFs: fs },
        swap: { time, swapUsageBytes: machine.group.swapBytes },
      },
      pods: pods.map((pod) => ({
        podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
        startTime: at(pod.startedAt),
        containers: pod.containers.map(({ id, name, startedAt, group, diskBytes }) => ({
          name,
          startTime: at(startedAt),
          cpu: cpuOf(time, group, pace.get(id)),
          memory: memoryOf(time, group),
          rootfs: { ...fs, usedBytes: diskBytes },
          swap: { time, swapUsageBytes: group.swapBytes },
        })),
        cpu: cpuOf(time, pod.group, sumOf(pod.containers.map(({ id }) => pace.get(id)))),
        memory: memoryOf(time, pod.group),
        ...(pod.network.length > 0 && { network: networkOf(time, pod.network) }),
        process_stats: { process_count: pod.group.processes },
        swap: { time, swapUsageBytes: pod.group.swapBytes },
      })),
    })
  },
})

const at = (ms: number): string => new Date(ms).toISOString()

const cpuOf = (time: string, group: GroupUsage, usageNanoCores: number | undefined) => ({
  ...{ time, ...(usageNanoCores !== undefined && { usageNanoCores }), usageCoreNanoSeconds: group.cpuNanoSeconds },
})

const memoryOf = (time: string, group: GroupUsage) => ({
  time,
  usageBytes: group.memoryBytes,
  workingSetBytes: group.workingSetBytes,
  rssBytes: group.rssBytes,
  pageFaults: group.faults,
  majorPageFaults: group.majorFaults,
  ...(group.limitBytes !== undefined && { availableBytes: Math.max(0, group.limitBytes - (group.workingSetBytes ?? 0)) }),
})

const availableOf = ({ memoryBytes, group }: Machine): number => Math.max(0, memoryBytes - (group.workingSetBytes ?? 0))

/** The first interface stands for all, as in Kubernetes. */
function networkOf(time: string, interfaces: readonly InterfaceUsage[]) {
  const told = interfaces.map(({ name, rxBytes, rxErrors, txBytes, txErrors }) => ({ name, rxBytes, rxErrors, txBytes, txErrors }))
  return { time, ...told[0], interfaces: told }
}

/** Undefined when nothing can be said of any. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0)
}
