import { ownValue } from '@bramble/shared/json/own.ts'
import { labelSelectorMatches } from '@bramble/shared/meta/label-selector.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { TopologySpreadConstraint } from '@bramble/shared/types/pod-scheduling.ts'
import { hasLabels } from '../../client/match-labels.ts'
import { untolerated } from '../../client/tolerations.ts'
import { defineSchedulerPlugin } from '../framework.ts'
import { matchesNodeSelector } from '../pods/node-selector.ts'
import type { DomainCounts } from '../snapshot/domains.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

const reason = "node(s) didn't match pod topology spread constraints"

/** topologySpreadConstraints: the most crowded domain may have only so many pods more than the emptiest. */
export const topologySpread = defineSchedulerPlugin({
  name: 'PodTopologySpread',
  order: 95,
  unblockedBy: ['node-added', 'node-labels', 'node-taints', 'pod-gone', 'pod-placed', 'pod-labels'],
  filter({ pod }, snapshot) {
    const hard = constraintsOf(pod, 'DoNotSchedule').map((constraint) => {
      const { counts, fewest: least } = countDomains(constraint, pod, snapshot)
      const isSparse = counts.size === 0 || counts.size < (constraint.minDomains ?? 1)
      return { constraint, counts, fewest: isSparse ? 0 : least, self: isCounted(constraint, pod, pod) ? 1 : 0 }
    })
    if (hard.length === 0) return undefined
    return ({ node }) => {
      for (const { constraint, counts, fewest, self } of hard) {
        const value = ownValue(node.metadata.labels, constraint.topologyKey)
        if (value === undefined) return [{ reason: `${reason} (missing required label)`, detail: `no label ${constraint.topologyKey}` }]
        const skew = (counts.get(value) ?? 0) + self - fewest
        if (skew > constraint.maxSkew)
          return [
            {
              reason,
              detail: `${constraint.topologyKey}=${value} would have ${skew} more than the emptiest, ${constraint.maxSkew} are allowed`,
            },
          ]
      }
      return undefined
    }
  },
  score: {
    weight: 2,
    scale: 'fewer',
    of({ pod }, snapshot) {
      const soft = constraintsOf(pod, 'ScheduleAnyway').map((constraint) => ({
        key: constraint.topologyKey,
        counts: countDomains(constraint, pod, snapshot).counts,
      }))
      if (soft.length === 0) return undefined
      return ({ node }) => soft.reduce((pods, { key, counts }) => pods + (counts.get(ownValue(node.metadata.labels, key) ?? '') ?? 0), 0)
    },
  },
})

const constraintsOf = ({ spec }: Pod, when: TopologySpreadConstraint['whenUnsatisfiable']) =>
  (spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)

/** By domain, the pods that are counted, among the nodes that make a domain for this pod. */
function countDomains(constraint: TopologySpreadConstraint, pod: Pod, snapshot: Snapshot): DomainCounts {
  const { topologyKey, labelSelector, matchLabelKeys = [], nodeAffinityPolicy, nodeTaintsPolicy } = constraint
  const { namespace = '', labels } = pod.metadata
  const same = [namespace, labelSelector ?? null, matchLabelKeys.map((key) => [key, ownValue(labels, key) ?? null])]
  const { nodeSelector, affinity, tolerations } = pod.spec
  const eligible = [nodeSelector, affinity?.nodeAffinity, nodeTaintsPolicy === 'Honor' && tolerations, nodeAffinityPolicy, nodeTaintsPolicy]
  return snapshot.domains(
    {
      key: `spread ${JSON.stringify(same)}`,
      namespace,
      has: (other) => other.pod.metadata.deletionTimestamp === undefined && isCounted(constraint, pod, other.pod),
    },
    topologyKey,
    { key: JSON.stringify(eligible), has: ({ node }) => isEligible(constraint, pod, node) },
  )
}

/** Nodes that the pod could not go to anyway do not make a domain, unless it says so. */
function isEligible(
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
  { spec }: Pod,
  node: Node,
): boolean {
  if (nodeTaintsPolicy === 'Honor' && untolerated(node.spec?.taints, spec.tolerations, ['NoSchedule', 'NoExecute']).length > 0) return false
  if (nodeAffinityPolicy === 'Ignore') return true
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return hasLabels(spec.nodeSelector ?? {}, node.metadata.labels) && (required === undefined || matchesNodeSelector(required, node))
}

const isCounted = ({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, owner: Pod, other: Pod): boolean =>
  owner.metadata.namespace === other.metadata.namespace &&
  labelSelectorMatches(labelSelector, other.metadata.labels) &&
  matchLabelKeys.every((key) => {
    const wanted = ownValue(owner.metadata.labels, key)
    return wanted === undefined || wanted === ownValue(other.metadata.labels, key)
  })
