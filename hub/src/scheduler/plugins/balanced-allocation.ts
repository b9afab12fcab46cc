import { defineSchedulerPlugin } from '../framework.ts'
import { usedSharesOf } from '../snapshot/resources.ts'

/** Likes the node whose CPU and memory fill up evenly, so that neither is left over alone. */
export const balancedAllocation = defineSchedulerPlugin({
  name: 'BalancedAllocation',
  order: 101,
  score: {
    weight: 1,
    scale: 'percent',
    // Half the difference is the standard deviation of two numbers: Kubernetes' measure.
    of({ requests }) {
      const { cpu, memory } = usedSharesOf(requests)
      return (node) => (1 - Math.abs(cpu(node) - memory(node)) / 2) * 100
    },
  },
})
