import { hasLabels } from '../../client/match-labels.ts'
import { defineSchedulerPlugin } from '../framework.ts'

/** Keeps pods of one owner or one Service apart, so that one board lost is not all of them lost. */
export const spread = defineSchedulerPlugin({
  name: 'Spread',
  order: 102,
  score: {
    weight: 2,
    scale: 'fewer',
    of({ pod, controllerUid, namespace }, snapshot) {
      const selectors = snapshot.serviceSelectorsOf(pod)
      if (controllerUid === undefined && selectors.length === 0) return undefined
      const siblings = snapshot.counts({
        key: `siblings ${JSON.stringify([namespace, controllerUid ?? null, ...selectors])}`,
        namespace,
        has: (other) =>
          other.pod.metadata.deletionTimestamp === undefined &&
          ((controllerUid !== undefined && other.controllerUid === controllerUid) ||
            selectors.some((selector) => hasLabels(selector, other.pod.metadata.labels))),
      })
      return siblings.size === 0 ? undefined : ({ name }) => siblings.get(name) ?? 0
    },
  },
})
