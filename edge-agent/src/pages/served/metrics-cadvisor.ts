import { metricText } from '@bramble/shared/metrics/exposition.ts'
import { deviceOf } from '../../host/device-of.ts'
import type { DiskUsage, GroupUsage } from '../../host/group-usage.ts'
import type { InterfaceUsage } from '../../host/network-usage.ts'
import type { PodUsage } from '../../kubelet/resources/pod-usage.ts'
import { definePage, exposition } from '../page.ts'

type Labels = Readonly<Record<string, string>>
type Told = { readonly labels: Labels; readonly group: GroupUsage; readonly startedAt: number; readonly diskBytes: number | undefined }

/** Of a control group, in the words of cAdvisor (Prometheus metrics for containers), which usual dashboards ask for. */
const ofGroups: readonly (readonly [name: string, help: string, type: 'counter' | 'gauge', value: (told: Told) => number | undefined])[] = [
  [
    'container_cpu_cfs_periods_total',
    'Number of elapsed enforcement period intervals.',
    'counter',
    ({ group }) => limited(group, group.periods),
  ],
  [
    'container_cpu_cfs_throttled_periods_total',
    'Number of throttled period intervals.',
    'counter',
    ({ group }) => limited(group, group.throttledPeriods),
  ],
  [
    'container_cpu_cfs_throttled_seconds_total',
    'Total time duration the container has been throttled.',
    'counter',
    ({ group }) => limited(group, group.throttledNanoSeconds / 1e9),
  ],
  [
    'container_cpu_system_seconds_total',
    'Cumulative system cpu time consumed in seconds.',
    'counter',
    ({ group }) => group.systemNanoSeconds / 1e9,
  ],
  [
    'container_cpu_user_seconds_total',
    'Cumulative user cpu time consumed in seconds.',
    'counter',
    ({ group }) => group.userNanoSeconds / 1e9,
  ],
  [
    'container_fs_usage_bytes',
    'Number of bytes that are consumed by the container on this filesystem.',
    'gauge',
    ({ diskBytes }) => diskBytes,
  ],
  ['container_memory_cache', 'Number of bytes of page cache memory.', 'gauge', ({ group }) => group.cacheBytes],
  ['container_memory_failcnt', 'Number of memory usage hits limits.', 'counter', ({ group }) => group.failures],
  ['container_memory_max_usage_bytes', 'Maximum memory usage recorded in bytes.', 'gauge', ({ group }) => group.peakBytes],
  ['container_memory_rss', 'Size of RSS in bytes.', 'gauge', ({ group }) => group.rssBytes],
  ['container_memory_swap', 'Container swap usage in bytes.', 'gauge', ({ group }) => group.swapBytes],
  [
    'container_memory_usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed.',
    'gauge',
    ({ group }) => group.memoryBytes,
  ],
  ['container_memory_working_set_bytes', 'Current working set in bytes.', 'gauge', ({ group }) => group.workingSetBytes],
  ['container_oom_events_total', 'Count of out of memory events observed for the container.', 'counter', ({ group }) => group.oomKills],
  ['container_processes', 'Number of processes running inside the container.', 'gauge', ({ group }) => group.processes],
  ['container_spec_cpu_period', 'CPU period of the container.', 'gauge', ({ group }) => group.period],
  ['container_spec_cpu_quota', 'CPU quota of the container.', 'gauge', ({ group }) => group.quota],
  ['container_spec_memory_limit_bytes', 'Memory limit for the container.', 'gauge', ({ group }) => group.limitBytes ?? 0],
  [
    'container_start_time_seconds',
    'Start time of the container since unix epoch in seconds.',
    'gauge',
    ({ startedAt }) => startedAt / 1000,
  ],
]

/** Usual dashboards ask for disks by their device, and for no other kind. */
const ofDisks: readonly (readonly [name: string, help: string, value: (usage: DiskUsage) => number])[] = [
  ['container_fs_reads_bytes_total', 'Cumulative count of bytes read.', ({ readBytes }) => readBytes],
  ['container_fs_reads_total', 'Cumulative count of reads completed.', ({ reads }) => reads],
  ['container_fs_writes_bytes_total', 'Cumulative count of bytes written.', ({ writtenBytes }) => writtenBytes],
  ['container_fs_writes_total', 'Cumulative count of writes completed.', ({ writes }) => writes],
]

const ofInterfaces: readonly (readonly [name: string, help: string, value: (usage: InterfaceUsage) => number])[] = [
  ['container_network_receive_bytes_total', 'Cumulative count of bytes received.', ({ rxBytes }) => rxBytes],
  ['container_network_receive_errors_total', 'Cumulative count of errors encountered while receiving.', ({ rxErrors }) => rxErrors],
  ['container_network_receive_packets_dropped_total', 'Cumulative count of packets dropped while receiving.', ({ rxDropped }) => rxDropped],
  ['container_network_receive_packets_total', 'Cumulative count of packets received.', ({ rxPackets }) => rxPackets],
  ['container_network_transmit_bytes_total', 'Cumulative count of bytes transmitted.', ({ txBytes }) => txBytes],
  ['container_network_transmit_errors_total', 'Cumulative count of errors encountered while transmitting.', ({ txErrors }) => txErrors],
  [
    'container_network_transmit_packets_dropped_total',
    'Cumulative count of packets dropped while transmitting.',
    ({ txDropped }) => txDropped,
  ],
  ['container_network_transmit_packets_total', 'Cumulative count of packets transmitted.', ({ txPackets }) => txPackets],
]

export const metricsCadvisor = definePage({
  path: '/metrics/cadvisor',
  contentType: exposition,
  async text(scene, signal) {
    const pods = await scene.pods(signal)
    const machine = scene.machine()
    const node = {
      labels: { id: '/' },
      group: machine.group,
      startedAt: machine.startedAt,
      diskBytes: machine.disk.sizeBytes - machine.disk.freeBytes,
    }
    const all: readonly Told[] = [node, ...pods.flatMap(toldOf)]
    const disks = all.flatMap(({ labels, group }) => disksOf(group).map(([device, usage]) => [{ device, ...labels }, usage] as const))
    const cpu = { name: 'container_cpu_usage_seconds_total', help: 'Cumulative cpu time consumed in seconds.', type: 'counter' } as const
    const networks = [
      { labels: { id: '/' }, network: machine.network },
      ...pods.map((pod) => ({ labels: labelsOf(pod), network: pod.network })),
    ]
    return [
      metricText({ name: 'cadvisor_version_info', help: 'A metric with a constant 1 value.', value: 1 }),
      metricText({ ...cpu, by: all.map(({ labels, group }) => [{ cpu: 'total', ...labels }, group.cpuNanoSeconds / 1e9] as const) }),
      ...ofGroups.map(([name, help, type, value]) =>
        metricText({ name, help, type, by: all.map((told) => [told.labels, value(told)] as const) }),
      ),
      ...ofDisks.map(([name, help, value]) =>
        metricText({ ...{ name, help, type: 'counter' }, by: disks.map(([labels, usage]) => [labels, value(usage)] as const) }),
      ),
      ...ofInterfaces.map(([name, help, value]) =>
        metricText({
          ...{ name, help, type: 'counter' },
          by: networks.flatMap(({ labels, network }) =>
            network.map((usage) => [{ ...labels, interface: usage.name }, value(usage)] as const),
          ),
        }),
      ),
      metricText({ name: 'machine_cpu_cores', help: 'Number of logical CPU cores.', value: machine.cores }),
      metricText({ name: 'machine_memory_bytes', help: 'Amount of memory installed on the machine.', value: machine.memoryBytes }),
      metricText({ name: 'machine_swap_bytes', help: 'Amount of swap memory available on the machine.', value: machine.swapBytes }),
    ].join('')
  },
})

const labelsOf = ({ namespace, name, uid }: PodUsage): Labels => ({
  container: '',
  id: `/kubepods/pod${uid}`,
  image: '',
  name: '',
  namespace,
  pod: name,
})

/** Those that it has used; of who has used none it is told as well. */
function disksOf({ disks }: GroupUsage): readonly (readonly [device: string, usage: DiskUsage])[] {
  const used = Object.entries(disks)
  if (used.length === 0) return [['', { readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 }]]
  return used.map(([number, usage]) => [deviceOf(number), usage])
}

/** A pod, and each of its containers. */
const toldOf = (pod: PodUsage): readonly Told[] => [
  { labels: labelsOf(pod), group: pod.group, startedAt: pod.startedAt, diskBytes: undefined },
  ...pod.containers.map(({ id, name, image, groupPath, group, startedAt, diskBytes }) => ({
    ...{ group, startedAt, diskBytes },
    labels: { container: name, id: groupPath, image, name: id, namespace: pod.namespace, pod: pod.name },
  })),
]

/** Only who has a quota has periods. */
const limited = ({ quota }: GroupUsage, value: number): number | undefined => (quota === undefined ? undefined : value)
