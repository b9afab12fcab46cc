import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { findCondition, isConditionTrue } from '@bramble/shared/meta/conditions.ts'

/** Counts towards what is wanted: neither ended nor on its way out. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined

export const readyCondition = ({ status }: Pod) => findCondition(status?.conditions, 'Ready')

export const isReady = ({ status }: Pod): boolean => isConditionTrue(status?.conditions, 'Ready')

/** How long we have seen a pod ready by our own clock, and whether we saw it become so. */
export type SeenReady = { readonly ms: number; readonly fromTheStart: boolean }
type ReadyTimes = { readonly now: number; readonly seenReady: SeenReady }

/**
 * Milliseconds until a pod has been ready long enough to count as available: 0 when it is, nothing when it is not even ready. What we
 * have seen counts, whatever the clocks of its node and of ours say; the pod's own word only of one that was ready before we looked.
 */
export function availableInMs(pod: Pod, minReadySeconds: number, { now, seenReady }: ReadyTimes): number | undefined {
  const condition = readyCondition(pod)
  if (condition?.status !== 'True') return undefined
  if (minReadySeconds === 0 || (condition.lastTransitionTime ?? '') === '') return 0
  const toldReadyMs = seenReady.fromTheStart ? 0 : now - Date.parse(condition.lastTransitionTime ?? '')
  return Math.max(0, minReadySeconds * 1000 - Math.max(toldReadyMs, seenReady.ms))
}
