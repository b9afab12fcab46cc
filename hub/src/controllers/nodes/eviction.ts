import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Taint } from '@bramble/shared/types/taint.ts'
import { tolerationsOf } from '../../client/tolerations.ts'

/** A NoExecute taint and how long it has been there by our own clock. */
export type AgedTaint = { readonly taint: Taint; readonly ageMs: number }

/** Milliseconds until the pod has to leave: 0 is now, nothing is never. The taint with the shortest toleration decides. */
export function evictionInMs({ spec }: Pod, taints: readonly AgedTaint[]): number | undefined {
  const toleratedOf = tolerationsOf(spec.tolerations)
  let earliest: number | undefined
  for (const { taint, ageMs } of taints) {
    const tolerated = toleratedOf(taint)
    if (tolerated === undefined) return 0
    if (tolerated.seconds === undefined) continue
    const left = Math.max(0, tolerated.seconds * 1000 - ageMs)
    earliest = Math.min(earliest ?? left, left)
  }
  return earliest
}
