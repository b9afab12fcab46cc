import type { Pod } from '@bramble/shared/kinds/pod.ts'

export const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Counts towards what is wanted: neither ended nor on its way out. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined

export const readyCondition = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'Ready')

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True'

type ReadyTimes = { readonly now: number; readonly seenReadyMs: number }

/**
 * Milliseconds until a pod has been ready long enough to count as available: 0 when it is, nothing when it is not even ready. The
 * pod's own word counts (we may have started a moment ago), and so does what we have seen (its node's clock may be ahead of ours).
 */
export function availableInMs(pod: Pod, minReadySeconds: number, { now, seenReadyMs }: ReadyTimes): number | undefined {
  const condition = readyCondition(pod)
  if (condition?.status !== 'True') return undefined
  if (minReadySeconds === 0 || condition.lastTransitionTime === undefined) return 0
  const toldReadyMs = now - Date.parse(condition.lastTransitionTime)
  return Math.max(0, minReadySeconds * 1000 - Math.max(toldReadyMs, seenReadyMs))
}
