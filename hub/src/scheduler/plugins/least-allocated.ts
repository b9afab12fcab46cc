import { defineSchedulerPlugin } from '../framework.ts'
import { usedShare } from '../resources.ts'

/** Likes the node on which most is left free. */
export const leastAllocated = defineSchedulerPlugin({
  name: 'LeastAllocated',
  order: 100,
  score: {
    weight: 1,
    scale: 'percent',
    of: (pod, node) => (1 - (usedShare('cpu', pod.requests, node) + usedShare('memory', pod.requests, node)) / 2) * 100,
  },
})
