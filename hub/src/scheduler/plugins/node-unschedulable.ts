import { tolerates } from '../../client/tolerations.ts'
import { defineSchedulerPlugin } from '../framework.ts'

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

/** A cordoned node takes only pods that tolerate the cordon. */
export const nodeUnschedulable = defineSchedulerPlugin({
  name: 'NodeUnschedulable',
  order: 10,
  unblockedBy: ['node-added', 'node-taints'],
  filter({ pod }) {
    if (pod.spec.tolerations?.some((toleration) => tolerates(toleration, cordon)) === true) return undefined
    return ({ name, isCordoned }) =>
      isCordoned ? [{ reason: 'node(s) were unschedulable', detail: `node ${name} is cordoned` }] : undefined
  },
})
