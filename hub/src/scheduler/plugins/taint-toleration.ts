import { untolerated } from '../../client/tolerations.ts'
import { defineSchedulerPlugin } from '../framework.ts'

/** Taints keep pods away that do not tolerate them; PreferNoSchedule only makes a node less liked. */
export const taintToleration = defineSchedulerPlugin({
  name: 'TaintToleration',
  order: 30,
  unblockedBy: ['node-added', 'node-taints'],
  filter({ pod }, { node }) {
    const [taint] = untolerated(node.spec?.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute'])
    return taint === undefined ? undefined : [{ reason: `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}` }]
  },
  score: {
    weight: 3,
    scale: 'fewer',
    of: ({ pod }, { node }) => untolerated(node.spec?.taints, pod.spec.tolerations, ['PreferNoSchedule']).length,
  },
})
