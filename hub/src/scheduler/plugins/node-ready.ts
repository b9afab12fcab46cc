import type { Node } from '@bramble/shared/kinds/node.ts'
import { tolerates } from '../../client/tolerations.ts'
import { defineSchedulerPlugin } from '../framework.ts'

const keyOf = { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' } as const

/**
 * A node that is not Ready is kept free by its taints, as in Kubernetes. This filter closes the gap before the taint is there: a
 * node that has just been lost, or has registered and not yet spoken of its readiness.
 */
export const nodeReady = defineSchedulerPlugin({
  name: 'NodeReady',
  order: 40,
  unblockedBy: ['node-added', 'node-conditions'],
  filter({ pod }, { node }) {
    const status = readiness(node)
    if (status === 'True') return undefined
    const taint = { key: keyOf[status], effect: 'NoSchedule' } as const
    if (pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)) === true) return undefined
    return [
      {
        reason: status === 'Unknown' ? 'node(s) were unreachable' : 'node(s) were not ready',
        detail: `node ${node.metadata.name} is not Ready`,
      },
    ]
  },
})

/** A node that has said nothing yet is not ready. */
const readiness = ({ status }: Node): 'True' | 'False' | 'Unknown' =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'False'
