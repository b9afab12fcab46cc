import type { Gauge } from './apiserver/metrics.ts'
import type { ControllerManager } from './controllers/controller-manager.ts'
import type { Gateway } from './broker/gateway.ts'
import type { SealedDisk } from './store/disk/sealed-disk.ts'
import type { StoreStats } from './store/mvcc.ts'

export type GaugesDeps = {
  readonly gateway?: Gateway
  readonly controllers?: Pick<ControllerManager, 'queues'>
  readonly sealed?: Pick<SealedDisk, 'sealedBy'>
}

/** What `/metrics` shows of the hub beside its requests. */
export const gaugesOf = (stats: StoreStats, { gateway, controllers, sealed }: GaugesDeps): readonly Gauge[] => [
  ...ofProcess(),
  ...ofQueues(controllers?.queues() ?? []),
  { name: 'bramble_store_keys', help: 'Objects in the store.', value: stats.keys },
  { name: 'bramble_store_object_bytes', help: 'Memory of the objects that count against the quota.', value: stats.liveBytes },
  { name: 'bramble_store_quota_bytes', help: 'What they may take: beyond it new ones are refused.', value: stats.quotaBytes },
  { name: 'bramble_store_history_events', help: 'Changes kept in memory for watches.', value: stats.historyEvents },
  { name: 'bramble_store_history_bytes', help: 'Memory of the changes kept for watches.', value: stats.historyBytes },
  { name: 'bramble_store_waiting_writes', help: 'Writes that wait for the disk.', value: stats.waitingWrites },
  { name: 'bramble_store_commits', help: 'Transactions since the start.', value: stats.commits },
  { name: 'bramble_store_commit_seconds', help: 'Time the disk took for them.', value: stats.commitMs / 1000 },
  { name: 'bramble_store_written_bytes', help: 'Bytes written to the store file since the start.', value: stats.bytesWritten },
  {
    name: 'bramble_store_sealed_rows',
    help: 'Rows on the disk that each key of Secrets has sealed, superseded ones among them.',
    by: [...(sealed?.sealedBy() ?? [])].map(([key, rows]) => [{ key }, rows] as const),
  },
  { name: 'bramble_store_watches', help: 'Open watches of the store.', value: stats.watches },
  { name: 'bramble_sessions', help: 'Sessions of nodes, welcomed or not.', value: gateway?.stats.sessions ?? 0 },
  { name: 'bramble_node_watches', help: 'Watches that nodes have open.', value: gateway?.stats.watches ?? 0 },
  { name: 'bramble_node_streams', help: 'Streams that the hub has open from nodes.', value: gateway?.stats.streams ?? 0 },
  {
    name: 'bramble_frames_ignored',
    help: 'Frames of nodes whose type only a later hub knows.',
    value: gateway?.stats.ignoredFrames ?? 0,
  },
  { name: 'bramble_nodes_connected', help: 'Nodes with a session.', value: gateway?.connectedNodes().length ?? 0 },
  {
    name: 'bramble_sessions_refused',
    help: 'Sessions ended and clients turned away because of what they sent.',
    value: [...(gateway?.refusals.values() ?? [])].reduce((sum, count) => sum + count, 0),
  },
]

/** By the names that every Prometheus client gives them. */
function ofProcess(): readonly Gauge[] {
  const { user, system } = process.cpuUsage()
  return [
    { name: 'process_cpu_seconds_total', type: 'counter', help: 'CPU time since the start.', value: (user + system) / 1e6 },
    { name: 'process_resident_memory_bytes', help: 'Memory of the process.', value: process.memoryUsage.rss() },
    { name: 'process_start_time_seconds', help: 'When the process began.', value: Math.round(performance.timeOrigin / 1000) },
  ]
}

/** By the names that Kubernetes' controllers give them. */
function ofQueues(queues: ReturnType<ControllerManager['queues']>): readonly Gauge[] {
  const by = (of: 'depth' | 'adds' | 'retries') => queues.map((queue) => [{ name: queue.name }, queue[of]] as const)
  return [
    { name: 'workqueue_depth', help: 'Objects that wait for a controller.', by: by('depth') },
    { name: 'workqueue_adds_total', type: 'counter', help: 'How often an object was given to a controller.', by: by('adds') },
    { name: 'workqueue_retries_total', type: 'counter', help: 'How often one came again because it had failed.', by: by('retries') },
  ]
}
