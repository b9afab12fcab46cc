import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Taint } from '@bramble/shared/types/taint.ts'
import { tolerates } from '../../client/tolerations.ts'

/** A NoExecute taint and how long it has been there by our own clock. */
export type AgedTaint = { readonly taint: Taint; readonly ageMs: number }

/** Milliseconds until the pod has to leave: 0 is now, nothing is never. The taint with the shortest toleration decides. */
export function evictionInMs({ spec }: Pod, taints: readonly AgedTaint[]): number | undefined {
  let earliest: number | undefined
  for (const { taint, ageMs } of taints) {
    const tolerations = (spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (tolerations.length === 0) return 0
    const seconds = tolerations.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : Number(tolerationSeconds)))
    if (seconds.length === 0) continue
    const left = Math.max(0, Math.min(...seconds) * 1000 - ageMs)
    earliest = Math.min(earliest ?? left, left)
  }
  return earliest
}
