import type { Deployment } from '@bramble/shared/kinds/deployment.ts'

/** How many pods more and how many fewer than wanted a rolling update may have. Percentages round up for more and down for fewer; both never zero. */
export function rollingBounds({ spec }: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  if (spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {}
  const surge = resolve(maxSurge, spec.replicas, Math.ceil)
  const unavailable = resolve(maxUnavailable, spec.replicas, Math.floor)
  // Both zero would never move: Kubernetes lets one go.
  if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1 }
  return { maxSurge: surge, maxUnavailable: Math.min(unavailable, spec.replicas) }
}

export function resolve(value: number | string, total: number, round: (share: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value)?.[1]
  return percent === undefined ? Number(value) || 0 : round((Number(percent) * total) / 100)
}

/** The little that the arithmetic needs to know of a ReplicaSet. */
export type Sized = { readonly name: string; readonly replicas: number; readonly available: number; readonly createdAt: string }
/** New sizes by name; a ReplicaSet that keeps its size is not named. */
export type Sizes = ReadonlyMap<string, number>

const total = (sets: readonly Sized[]) => sets.reduce((sum, { replicas }) => sum + replicas, 0)
const available = (sets: readonly Sized[]) => sets.reduce((sum, set) => sum + set.available, 0)
const oldestFirst = (a: Sized, b: Sized) => (a.createdAt === b.createdAt ? (a.name < b.name ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1)

/** How large the new ReplicaSet may be now. `new` is undefined when it is about to be created. */
export function newReplicas(deployment: Deployment, current: Sized | undefined, old: readonly Sized[]): number {
  const wanted = deployment.spec.replicas
  if (deployment.spec.strategy?.type === 'Recreate') return wanted
  const size = current?.replicas ?? 0
  if (size >= wanted) return wanted
  const room = wanted + rollingBounds(deployment).maxSurge - total(old) - size
  return room <= 0 ? size : size + Math.min(room, wanted - size)
}

/** How far the old ReplicaSets may shrink without fewer pods being available than promised: first those pods that do not work anyway. */
export function shrinkOld(deployment: Deployment, current: Sized, old: readonly Sized[]): Sizes {
  const minAvailable = deployment.spec.replicas - rollingBounds(deployment).maxUnavailable
  const newUnavailable = current.replicas - current.available
  let budget = total(old) + current.replicas - minAvailable - newUnavailable
  const sizes = new Map<string, number>()
  if (total(old) === 0 || budget <= 0) return sizes
  const sorted = [...old].sort(oldestFirst)
  for (const { name, replicas, available } of sorted) {
    const broken = Math.min(budget, Math.max(0, replicas - available))
    if (broken === 0) continue
    sizes.set(name, replicas - broken)
    budget -= broken
  }
  // What a status says may be older than our last shrink: the budget by size bounds it.
  let spare = Math.min(budget, available(old) + current.available - minAvailable)
  for (const { name, replicas } of sorted) {
    const size = sizes.get(name) ?? replicas
    const step = Math.min(spare, size)
    if (step <= 0) continue
    sizes.set(name, size - step)
    spare -= step
  }
  return sizes
}

/**
 * The deployment's own size changed, perhaps in the middle of a rollout: each ReplicaSet takes its share of the change, larger ones
 * a larger share, and what rounding leaves over goes to the largest. `newest` is the new ReplicaSet where there is one.
 */
export function scaleProportionally(
  deployment: Deployment,
  sets: readonly Sized[],
  newest: Sized | undefined,
  previousMax: (set: Sized) => number,
): Sizes {
  const sizes = new Map<string, number>()
  const wanted = deployment.spec.replicas
  const active = sets.filter(({ replicas }) => replicas > 0)
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newest ?? [...sets].sort(oldestFirst).at(-1)) : undefined
  if (only !== undefined) return only.replicas === wanted ? sizes : sizes.set(only.name, wanted)
  if (active.length === 0) return sizes
  if (newest !== undefined && newest.replicas === wanted && newest.available === wanted) {
    for (const set of active) if (set.name !== newest.name) sizes.set(set.name, 0)
    return sizes
  }
  if (deployment.spec.strategy?.type === 'Recreate') return sizes

  const allowed = wanted > 0 ? wanted + rollingBounds(deployment).maxSurge : 0
  const change = allowed - total(active)
  // Growing favours the newer of two equals, shrinking the older.
  const bySize = [...active].sort((a, b) => b.replicas - a.replicas || (change > 0 ? -oldestFirst(a, b) : oldestFirst(a, b)))
  let left = change
  for (const set of bySize) {
    const share = set.replicas === 0 || left === 0 ? 0 : clampTo(left, shareOf(set, wanted, allowed, previousMax(set)))
    sizes.set(set.name, Math.max(0, set.replicas + share))
    left -= share
  }
  const [largest] = bySize
  if (left !== 0 && largest !== undefined) sizes.set(largest.name, Math.max(0, (sizes.get(largest.name) ?? 0) + left))
  for (const { name, replicas } of active) if (sizes.get(name) === replicas) sizes.delete(name)
  return sizes
}

function shareOf({ replicas }: Sized, wanted: number, allowed: number, previousMax: number): number {
  if (wanted === 0) return -replicas
  const share = (replicas * allowed) / (previousMax === 0 ? wanted : previousMax)
  return Math.round(share) - replicas
}

/** A share never overshoots the whole change, nor goes against it. */
const clampTo = (left: number, share: number) => (left > 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left)))
