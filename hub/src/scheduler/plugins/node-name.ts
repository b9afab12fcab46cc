import { defineSchedulerPlugin } from '../framework.ts'

/** A pod that already names its node goes nowhere else. */
export const nodeName = defineSchedulerPlugin({
  name: 'NodeName',
  order: 20,
  unblockedBy: ['node-added'],
  filter({ pod }) {
    const wanted = pod.spec.nodeName ?? ''
    if (wanted === '') return undefined
    return ({ name }) => (wanted === name ? undefined : [{ reason: "node(s) didn't match the requested node name" }])
  },
})
