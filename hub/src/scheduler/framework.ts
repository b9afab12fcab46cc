import type { NodeInfo, PodInfo, Snapshot } from './snapshot.ts'

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
  /** Answers why the node cannot take the pod; nothing when it can. */
  readonly filter?: (pod: PodInfo, node: NodeInfo, snapshot: Snapshot) => readonly Refusal[] | undefined
  /** A filter that looks at the whole cluster once for each pod; nothing when the pod does not concern it. */
  readonly prepare?: (pod: PodInfo, snapshot: Snapshot) => NodeFilter | undefined
  /** Which changes may make a pod fit that this filter refused. */
  readonly unblockedBy?: readonly ClusterChange[]
  readonly score?: Score
}

/** A number for each node that is ≥ 0; of a `range` below that too. */
export type Score = (
  | { readonly of: (pod: PodInfo, node: NodeInfo, snapshot: Snapshot) => number }
  /** One that looks at the whole cluster, once for each pod. */
  | { readonly prepare: (pod: PodInfo, snapshot: Snapshot) => (node: NodeInfo) => number }
) & {
  readonly weight: number
  /**
   * How the numbers of all nodes become 0…100. `percent`: they are that already; `more`: the largest becomes 100;
   * `fewer`: the largest becomes 0, none at all becomes 100; `range`: the largest becomes 100 and the smallest 0, negative ones included.
   */
  readonly scale: 'percent' | 'more' | 'fewer' | 'range'
}

export const defineSchedulerPlugin = (plugin: Omit<SchedulerPlugin, 'isSchedulerPlugin'>): SchedulerPlugin =>
  Object.freeze({ ...plugin, isSchedulerPlugin: true as const })

export const isSchedulerPlugin = (value: unknown): value is SchedulerPlugin =>
  typeof value === 'object' && value !== null && (value as { isSchedulerPlugin?: unknown }).isSchedulerPlugin === true

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

/** Chooses the node for one pod, or says why there is none. */
export function schedule(pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[], random: () => number): Decision {
  const fitting: NodeInfo[] = []
  const refused: NodeRefusal[] = []
  const filters = filtersFor(pod, snapshot, plugins)
  for (const node of snapshot.nodes()) {
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
    .flatMap(({ name, filter, prepare }): NamedFilter[] => {
      const prepared = prepare?.(pod, snapshot)
      return [
        ...(filter === undefined ? [] : [{ plugin: name, check: (node: NodeInfo) => filter(pod, node, snapshot) }]),
        ...(prepared === undefined ? [] : [{ plugin: name, check: prepared }]),
      ]
    })

function refusalOf(node: NodeInfo, filters: readonly NamedFilter[]): NodeRefusal | undefined {
  for (const { plugin, check } of filters) {
    const refusals = check(node) ?? []
    if (refusals.length > 0) return { node: node.name, plugin, refusals }
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
  const totals = nodes.map(() => 0)
  for (const { score } of plugins) {
    if (score === undefined) continue
    const scaled = scale(nodes.map('of' in score ? (node) => score.of(pod, node, snapshot) : score.prepare(pod, snapshot)), score.scale)
    scaled.forEach((value, i) => (totals[i] = (totals[i] ?? 0) + value * score.weight))
  }
  const best = Math.max(...totals)
  const winners = nodes.filter((_, i) => totals[i] === best)
  // Equal nodes share the load by chance, so that two hubs or two bursts do not all choose the first.
  const winner = winners[Math.floor(random() * winners.length)] ?? first
  if (winner === undefined) throw new Error('bestOf was called without nodes')
  return winner.name
}

function scale(values: readonly number[], how: Score['scale']): readonly number[] {
  if (how === 'percent') return values
  if (how === 'range') return scaleRange(values)
  const largest = Math.max(...values)
  if (how === 'more') return values.map((value) => (largest === 0 ? 0 : (value / largest) * 100))
  return values.map((value) => (largest === 0 ? 100 : (1 - value / largest) * 100))
}

function scaleRange(values: readonly number[]): readonly number[] {
  const largest = Math.max(...values)
  const smallest = Math.min(...values)
  return values.map((value) => (largest === smallest ? 0 : ((value - smallest) / (largest - smallest)) * 100))
}
