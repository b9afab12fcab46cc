import { defineSchedulerPlugin } from '../framework.ts'
import { usedShare } from '../resources.ts'

/** Likes the node whose CPU and memory fill up evenly, so that neither is left over alone. */
export const balancedAllocation = defineSchedulerPlugin({
  name: 'BalancedAllocation',
  order: 101,
  score: {
    weight: 1,
    scale: 'percent',
    // Half the difference is the standard deviation of two numbers: Kubernetes' measure.
    of: (pod, node) => (1 - Math.abs(usedShare('cpu', pod.requests, node) - usedShare('memory', pod.requests, node)) / 2) * 100,
  },
})
