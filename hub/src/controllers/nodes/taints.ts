import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Taint } from '@bramble/shared/types/taint.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'

export const unreachable = 'node.kubernetes.io/unreachable'
export const notReady = 'node.kubernetes.io/not-ready'

/** Conditions that keep new pods away while they hold. */
const conditionTaints: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
}
const ours = new Set([unreachable, notReady, 'node.kubernetes.io/unschedulable', ...Object.values(conditionTaints)])

/** `mayEvict`: whether NoExecute, which drives pods away, is allowed now. */
export type TaintInput = {
  readonly node: Node
  readonly ready: 'True' | 'False' | 'Unknown'
  readonly mayEvict: boolean
  readonly now: number
}

/** The taints that a node should carry; nothing when they are right as they are. Taints that others put there are left alone. */
export function wantedTaints({ node, ready, mayEvict, now }: TaintInput): readonly Taint[] | undefined {
  const seen = node.spec?.taints ?? []
  const wanted: Taint[] = []
  const want = (key: string, effect: Taint['effect']) => {
    const known = seen.find((taint) => taint.key === key && taint.effect === effect)
    wanted.push(known ?? { key, effect, timeAdded: formatTime(new Date(now)) })
  }
  if (ready !== 'True') {
    const key = ready === 'Unknown' ? unreachable : notReady
    want(key, 'NoSchedule')
    if (mayEvict) want(key, 'NoExecute')
  }
  for (const [type, key] of Object.entries(conditionTaints)) {
    if (node.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true)
      want(key, 'NoSchedule')
  }
  if (node.spec?.unschedulable === true) want('node.kubernetes.io/unschedulable', 'NoSchedule')
  const others = seen.filter(({ key }) => !ours.has(key))
  const taints = [...others, ...wanted]
  const order = (list: readonly Taint[]) => list.map(({ key, effect, value }) => `${key}=${value ?? ''}:${effect}`).sort()
  return isSameJson(order(taints), order(seen)) ? undefined : taints
}
