import { expect, it } from 'vitest'
import { groupUsage } from '../host/group-usage.ts'
import type { PodUsage } from '../kubelet/resources/pod-usage.ts'
import { readMachine } from './machine.ts'
import type { PageScene } from './page.ts'
import { metricsCadvisor } from './served/metrics-cadvisor.ts'
import { metricsResource } from './served/metrics-resource.ts'

/** What is summed by pod and container, of one container's own. */
const ofContainer = ['namespace', 'pod', 'container', 'image', 'name', 'id']
/** What is summed by pod, of its network. */
const ofNetwork = ['namespace', 'pod', 'interface']

/** The series and labels that the dashboards and rules of kubernetes-mixin ask `/metrics/cadvisor` for, as kube-prometheus-stack brings them. */
const asked: Readonly<Record<string, readonly string[]>> = {
  container_cpu_usage_seconds_total: [...ofContainer, 'cpu'],
  container_cpu_cfs_periods_total: ofContainer,
  container_cpu_cfs_throttled_periods_total: ofContainer,
  container_memory_working_set_bytes: ofContainer,
  container_memory_rss: ofContainer,
  container_memory_cache: ofContainer,
  container_memory_swap: ofContainer,
  container_fs_reads_total: [...ofContainer, 'device'],
  container_fs_writes_total: [...ofContainer, 'device'],
  container_fs_reads_bytes_total: [...ofContainer, 'device'],
  container_fs_writes_bytes_total: [...ofContainer, 'device'],
  container_network_receive_bytes_total: ofNetwork,
  container_network_transmit_bytes_total: ofNetwork,
  container_network_receive_packets_total: ofNetwork,
  container_network_transmit_packets_total: ofNetwork,
  container_network_receive_packets_dropped_total: ofNetwork,
  container_network_transmit_packets_dropped_total: ofNetwork,
  // And what other usual dashboards of pods and nodes have beside these.
  container_memory_usage_bytes: ofContainer,
  container_memory_failcnt: ofContainer,
  container_oom_events_total: ofContainer,
  container_spec_memory_limit_bytes: ofContainer,
  container_spec_cpu_quota: ofContainer,
  container_spec_cpu_period: ofContainer,
  container_start_time_seconds: ofContainer,
  container_network_receive_errors_total: ofNetwork,
  container_network_transmit_errors_total: ofNetwork,
  machine_cpu_cores: [],
  machine_memory_bytes: [],
}
/** What `/metrics/resource` is asked for. */
const ofResource: Readonly<Record<string, readonly string[]>> = {
  container_cpu_usage_seconds_total: ['namespace', 'pod', 'container'],
  container_memory_working_set_bytes: ['namespace', 'pod', 'container'],
  pod_cpu_usage_seconds_total: ['namespace', 'pod'],
  pod_memory_working_set_bytes: ['namespace', 'pod'],
  node_cpu_usage_seconds_total: [],
  node_memory_working_set_bytes: [],
}

const group = {
  ...groupUsage('/'),
  ...{ memoryBytes: 5, workingSetBytes: 4, swapBytes: 0, quota: 50_000, period: 100_000, limitBytes: 64 },
  disks: { '999:7': { readBytes: 30, writtenBytes: 40, reads: 3, writes: 4 } },
}
const container = { id: 'c1', name: 'main', image: 'web:1', groupPath: '/kubepods/podu/c1', group, startedAt: 1000, diskBytes: 9 }
const usage = {
  ...{ namespace: 'shop', name: 'web', uid: 'u', startedAt: 1000, group, containers: [container] },
  network: [{ name: 'eth0', rxBytes: 1, rxPackets: 1, rxErrors: 0, rxDropped: 0, txBytes: 1, txPackets: 1, txErrors: 0, txDropped: 0 }],
} as unknown as PodUsage // nothing else is looked at
const scene: PageScene = {
  ...{ nodeName: 'pi-1', clock: { now: () => 1000, monotonic: () => 0 }, machine: () => readMachine('/') },
  ...{ pods: async () => [usage], wanted: () => [], pace: async () => new Map() },
}

/** Of each series of a page that is of the pod, or of the machine, the names of its labels that have a value. */
function labelsIn(page: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const line of page.split('\n').filter((each) => !each.startsWith('#'))) {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? []
    const named = [...labels.matchAll(/(\w+)="([^"]+)"/g)].map(([, label = '']) => label)
    if (named.length >= (found.get(name)?.length ?? 0)) found.set(name, named)
  }
  return found
}

it.each([
  [metricsCadvisor, asked],
  [metricsResource, ofResource],
])('what usual dashboards ask for is told by name and by label: %#', async (page, wanted) => {
  const told = labelsIn(await page.text(scene, new AbortController().signal))
  const missing = Object.entries(wanted).flatMap(([name, labels]) => {
    const has = told.get(name)
    return has === undefined ? [name] : labels.filter((label) => !has.includes(label)).map((label) => `${name}{${label}}`)
  })
  expect(missing).toEqual([])
})

it('what a container moves is told of each disk by its device', async () => {
  const text = await metricsCadvisor.text(scene, new AbortController().signal)
  expect(text).toMatch(/^container_fs_writes_bytes_total\{device="999:7",container="main",.*\} 40$/m)
})
