import type { PodInfo } from './pods/pod-info.ts'
import { marked } from '@bramble/shared/discover.ts'
import { scaleInto } from './scale.ts'
import type { Scale } from './scale.ts'
import type { NodeInfo, Snapshot } from './snapshot/snapshot.ts'

/** Why a node was refused. `reason` is what Kubernetes says and counts; `detail` tells the numbers for this one node. */
export type Refusal = { readonly reason: string; readonly detail?: string }

/** What happened in the cluster that could let a refused pod fit now. */
export type ClusterChange =
  | 'node-added'
  | 'node-taints'
  | 'node-labels'
  | 'node-resources'
  | 'node-images'
  | 'node-conditions'
  | 'pod-gone'
  | 'pod-placed'
  | 'pod-labels'

export type NodeFilter = (node: NodeInfo) => readonly Refusal[] | undefined

export type SchedulerPlugin = {
  readonly isSchedulerPlugin: true
  readonly name: string
  /** Filters run from low to high and the first one that refuses a node gives its reason: permanent reasons before passing ones. */
  readonly order: number
  /**
   * Looks at what the pod asks and at the whole cluster, once for each pod; answers why a node cannot take it, nothing when it can.
   * Undefined when the pod does not concern it: then it costs nothing for any node.
   */
  readonly filter?: (pod: PodInfo, snapshot: Snapshot) => NodeFilter | undefined
  /** Which changes may make a pod fit that this filter refused. */
  readonly unblockedBy?: readonly ClusterChange[]
  readonly score?: Score
}

export type Score = {
  readonly weight: number
  readonly scale: Scale
  /** Answers a number for each node, ≥ 0 or of a `range` below that too; undefined when all nodes are alike to this pod. */
  readonly of: (pod: PodInfo, snapshot: Snapshot) => ((node: NodeInfo) => number) | undefined
}

export const defineSchedulerPlugin = (plugin: Omit<SchedulerPlugin, 'isSchedulerPlugin'>): SchedulerPlugin =>
  Object.freeze({ ...plugin, isSchedulerPlugin: true as const })

export const isSchedulerPlugin = marked<SchedulerPlugin>('isSchedulerPlugin')

export type NodeRefusal = { readonly node: string; readonly plugin: string; readonly refusals: readonly Refusal[] }
export type Decision =
  | { readonly type: 'fits'; readonly node: string }
  /** `refusedBy` names the plugins, so that the queue knows which changes are worth another try. */
  | {
      readonly type: 'refused'
      readonly message: string
      readonly nodes: readonly NodeRefusal[]
      readonly refusedBy: readonly string[]
    }

/** Below this every node is looked at. */
const fewNodes = 100
/** Kubernetes' figures: half of a hundred nodes, a percent less for each 125 of them, and never less than five. */
const shareOf = (nodes: number) => Math.max(5, 50 - nodes / 125) / 100

/** So many nodes that fit are enough to choose from. A fleet of a house is looked at whole; of a thousand nodes the best of 420 is as good. */
export const enoughOf = (nodes: number): number => (nodes <= fewNodes ? nodes : Math.max(fewNodes, Math.floor(nodes * shareOf(nodes))))

/** Chooses the node for one pod, or says why there is none. */
export function schedule(pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[], random: () => number): Decision {
  const fitting: NodeInfo[] = []
  const refused: NodeRefusal[] = []
  const filters = filtersFor(pod, snapshot, plugins)
  const nodes = snapshot.nodes()
  const enough = enoughOf(nodes.length)
  // From anywhere, so that all nodes have their turn where some are enough.
  const first = enough < nodes.length ? Math.floor(random() * nodes.length) : 0
  for (let step = 0; step < nodes.length && fitting.length < enough; step += 1) {
    const node = nodes[(first + step) % nodes.length] as NodeInfo // within the list
    const refusal = refusalOf(node, filters)
    if (refusal === undefined) fitting.push(node)
    else refused.push(refusal)
  }
  if (fitting.length > 0) return { type: 'fits', node: bestOf(pod, fitting, snapshot, plugins, random) }
  return {
    type: 'refused',
    message: refusalMessage(refused),
    nodes: refused,
    refusedBy: [...new Set(refused.map(({ plugin }) => plugin))],
  }
}

type NamedFilter = { readonly plugin: string; readonly check: NodeFilter }

const filtersFor = (pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[]): readonly NamedFilter[] =>
  [...plugins]
    .sort((a, b) => a.order - b.order)
    .flatMap(({ name, filter }): NamedFilter[] => {
      const check = filter?.(pod, snapshot)
      return check === undefined ? [] : [{ plugin: name, check }]
    })

function refusalOf(node: NodeInfo, filters: readonly NamedFilter[]): NodeRefusal | undefined {
  for (const { plugin, check } of filters) {
    const refusals = check(node)
    if (refusals !== undefined && refusals.length > 0) return { node: node.name, plugin, refusals }
  }
  return undefined
}

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient memory.` */
export function refusalMessage(nodes: readonly NodeRefusal[]): string {
  if (nodes.length === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const { refusals } of nodes) for (const { reason } of refusals) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${nodes.length} nodes are available: ${reasons.join(', ')}.`
}

function bestOf(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
  plugins: readonly SchedulerPlugin[],
  random: () => number,
): string {
  const [first] = nodes
  if (nodes.length === 1 && first !== undefined) return first.name
  const totals = new Float64Array(nodes.length)
  const values = new Float64Array(nodes.length)
  for (const { score } of plugins) {
    const of = score?.of(pod, snapshot)
    if (score === undefined || of === undefined) continue
    for (let index = 0; index < nodes.length; index += 1) values[index] = of(nodes[index] as NodeInfo) // within the list
    scaleInto(totals, values, score)
  }
  const best = totals.reduce((most, total) => Math.max(most, total), -Infinity)
  const winners = nodes.filter((_, index) => totals[index] === best)
  // Equal nodes share the load by chance, so that two hubs or two bursts do not all choose the first.
  const winner = winners[Math.floor(random() * winners.length)] ?? first
  if (winner === undefined) throw new Error('bestOf was called without nodes')
  return winner.name
}
