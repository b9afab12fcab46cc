import { tolerationsOf } from '../../client/tolerations.ts'
import { defineSchedulerPlugin } from '../framework.ts'

/** Taints keep pods away that do not tolerate them; PreferNoSchedule only makes a node less liked. */
export const taintToleration = defineSchedulerPlugin({
  name: 'TaintToleration',
  order: 30,
  unblockedBy: ['node-added', 'node-taints'],
  filter({ pod }) {
    const toleratedOf = tolerationsOf(pod.spec.tolerations)
    return ({ hardTaints }) => {
      if (hardTaints.length === 0) return undefined
      const taint = hardTaints.find((each) => toleratedOf(each) === undefined)
      return taint === undefined ? undefined : [{ reason: `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}` }]
    }
  },
  score: {
    weight: 3,
    scale: 'fewer',
    of({ pod }) {
      const toleratedOf = tolerationsOf(pod.spec.tolerations)
      return ({ softTaints }) =>
        softTaints.length === 0 ? 0 : softTaints.reduce((count, taint) => count + (toleratedOf(taint) === undefined ? 1 : 0), 0)
    },
  },
})
