import { defineSchedulerPlugin } from '../framework.ts'
import { usedSharesOf } from '../snapshot/resources.ts'

/** Likes the node on which most is left free. */
export const leastAllocated = defineSchedulerPlugin({
  name: 'LeastAllocated',
  order: 100,
  score: {
    weight: 1,
    scale: 'percent',
    of({ requests }) {
      const { cpu, memory } = usedSharesOf(requests)
      return (node) => (1 - (cpu(node) + memory(node)) / 2) * 100
    },
  },
})
