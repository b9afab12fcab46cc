import { hasLabels } from '../../client/match-labels.ts'
import { defineSchedulerPlugin } from '../framework.ts'

/** Keeps pods of one owner or one Service apart, so that one board lost is not all of them lost. */
export const spread = defineSchedulerPlugin({
  name: 'Spread',
  order: 102,
  score: {
    weight: 2,
    scale: 'fewer',
    of({ pod, controllerUid }, { pods }, { serviceSelectorsOf }) {
      const selectors = serviceSelectorsOf(pod)
      let siblings = 0
      for (const other of pods.values()) {
        if (other.pod.metadata.namespace !== pod.metadata.namespace || other.pod.metadata.deletionTimestamp !== undefined) continue
        const isSibling =
          (controllerUid !== undefined && other.controllerUid === controllerUid) ||
          selectors.some((selector) => hasLabels(selector, other.pod.metadata.labels))
        if (isSibling) siblings += 1
      }
      return siblings
    },
  },
})
