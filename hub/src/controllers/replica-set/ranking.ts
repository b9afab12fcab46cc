import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { isReady, readyCondition } from '../pod-state.ts'

/** Pods in the order in which they are given up: the least useful first, by Kubernetes' rules. */
export function rankForDeletion(pods: readonly Pod[]): readonly Pod[] {
  const perNode = new Map<string, number>()
  for (const { spec } of pods) perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1)
  const criteria: readonly ((pod: Pod) => number)[] = [
    ({ spec }) => ((spec.nodeName ?? '') === '' ? 0 : 1),
    ({ status }) => phaseRank[status?.phase ?? 'Pending'] ?? 0,
    (pod) => (isReady(pod) ? 1 : 0),
    deletionCost,
    ({ spec }) => -(perNode.get(spec.nodeName ?? '') ?? 0),
    (pod) => -(isReady(pod) ? Date.parse(readyCondition(pod)?.lastTransitionTime ?? '') || 0 : 0),
    ({ status }) => -Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    ({ metadata }) => -(Date.parse(metadata.creationTimestamp ?? '') || 0),
  ]
  return [...pods].sort((a, b) => {
    for (const criterion of criteria) {
      const difference = criterion(a) - criterion(b)
      if (difference !== 0) return difference
    }
    return a.metadata.name < b.metadata.name ? -1 : 1
  })
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

function deletionCost({ metadata }: Pod): number {
  const cost = Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0)
  return Number.isInteger(cost) ? cost : 0
}
