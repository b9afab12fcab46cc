import { hasLabels } from '../../client/match-labels.ts'
import { defineSchedulerPlugin } from '../framework.ts'
import { matchesNodeSelector, matchesTerm } from '../pods/node-selector.ts'

/** nodeSelector and node affinity: what must hold refuses, what is preferred scores by its weights. */
export const nodeAffinity = defineSchedulerPlugin({
  name: 'NodeAffinity',
  order: 50,
  unblockedBy: ['node-added', 'node-labels'],
  filter({ pod }) {
    const { nodeSelector = {}, affinity } = pod.spec
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (required === undefined && Object.keys(nodeSelector).length === 0) return undefined
    return ({ node }) => {
      const fits = hasLabels(nodeSelector, node.metadata.labels) && (required === undefined || matchesNodeSelector(required, node))
      return fits ? undefined : [{ reason: "node(s) didn't match Pod's node affinity/selector" }]
    }
  },
  score: {
    weight: 2,
    scale: 'more',
    of({ pod }) {
      const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      if (preferred.length === 0) return undefined
      return ({ node }) => preferred.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0)
    },
  },
})
