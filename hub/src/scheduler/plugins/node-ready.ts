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
  filter({ pod }) {
    const isTolerated = (status: keyof typeof keyOf) =>
      pod.spec.tolerations?.some((toleration) => tolerates(toleration, { key: keyOf[status], effect: 'NoSchedule' })) === true
    const tolerated = { False: isTolerated('False'), Unknown: isTolerated('Unknown') }
    return ({ name, ready }) => {
      if (ready === 'True' || tolerated[ready]) return undefined
      return [{ reason: ready === 'Unknown' ? 'node(s) were unreachable' : 'node(s) were not ready', detail: `node ${name} is not Ready` }]
    }
  },
})
