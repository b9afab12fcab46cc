import { metricText } from '@bramble/shared/metrics/exposition.ts'
import type { ContainerUsage, PodUsage } from '../../kubelet/resources/pod-usage.ts'
import { definePage, exposition } from '../page.ts'

type By = readonly (readonly [Readonly<Record<string, string>>, number | undefined])[]

/** What metrics-server reads (Kubernetes: "Node metrics data", /metrics/resource). */
export const metricsResource = definePage({
  path: '/metrics/resource',
  contentType: exposition,
  async text({ pods, machine }, signal) {
    const all = await pods(signal)
    const { group } = machine()
    const ofContainers = (value: (container: ContainerUsage) => number | undefined): By =>
      all.flatMap((pod) => pod.containers.map((one) => [{ container: one.name, ...labels(pod) }, value(one)] as const))
    const ofPods = (value: (pod: PodUsage) => number | undefined): By => all.map((pod) => [labels(pod), value(pod)] as const)
    const cpu = 'Cumulative cpu time consumed in core-seconds'
    const memory = 'Current working set in bytes'
    const swap = 'Current amount of swap in bytes'
    return [
      metricText({
        name: 'container_cpu_usage_seconds_total',
        help: `${cpu}, by container.`,
        type: 'counter',
        by: ofContainers((one) => one.group.cpuNanoSeconds / 1e9),
      }),
      metricText({
        name: 'container_memory_working_set_bytes',
        help: `${memory}, by container.`,
        by: ofContainers((one) => one.group.workingSetBytes),
      }),
      metricText({
        name: 'container_start_time_seconds',
        help: 'When it started, in seconds since 1970.',
        by: ofContainers((one) => one.startedAt / 1000),
      }),
      metricText({ name: 'container_swap_usage_bytes', help: `${swap}, by container.`, by: ofContainers((one) => one.group.swapBytes) }),
      metricText({
        name: 'node_cpu_usage_seconds_total',
        help: `${cpu}, by the node.`,
        type: 'counter',
        value: group.cpuNanoSeconds / 1e9,
      }),
      metricText({ name: 'node_memory_working_set_bytes', help: `${memory}, by the node.`, value: group.workingSetBytes }),
      metricText({ name: 'node_swap_usage_bytes', help: `${swap}, by the node.`, value: group.swapBytes }),
      metricText({
        name: 'pod_cpu_usage_seconds_total',
        help: `${cpu}, by pod.`,
        type: 'counter',
        by: ofPods((pod) => pod.group.cpuNanoSeconds / 1e9),
      }),
      metricText({ name: 'pod_memory_working_set_bytes', help: `${memory}, by pod.`, by: ofPods((pod) => pod.group.workingSetBytes) }),
      metricText({ name: 'pod_swap_usage_bytes', help: `${swap}, by pod.`, by: ofPods((pod) => pod.group.swapBytes) }),
      metricText({ name: 'resource_scrape_error', help: '1 if there was an error while these were read.', value: 0 }),
    ].join('')
  },
})

const labels = ({ namespace, name }: PodUsage) => ({ namespace, pod: name })
