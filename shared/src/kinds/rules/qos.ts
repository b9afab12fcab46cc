import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { PodSpec } from '../../types/pod-spec.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

/** How hard a pod's claim on CPU and memory is; the first to be killed for memory are the `BestEffort` ones. */
export function qosOf({ containers, initContainers = [] }: Pick<PodSpec, 'containers' | 'initContainers'>): QosClass {
  const all = [...containers, ...initContainers].map(({ resources }) => resources)
  const isSet = (amounts: Readonly<Record<string, string>> | undefined, name: string) => {
    const amount = amounts?.[name]
    return amount !== undefined && parseQuantity(amount).nano > 0n
  }
  const names = ['cpu', 'memory']
  if (!all.some(({ limits, requests }) => names.some((name) => isSet(limits, name) || isSet(requests, name)))) return 'BestEffort'
  const isGuaranteed = all.every(({ limits, requests }) =>
    names.every((name) => {
      const limit = limits?.[name]
      const request = requests?.[name] ?? limit
      if (limit === undefined || request === undefined || !isSet(limits, name)) return false
      return compareQuantities(parseQuantity(limit), parseQuantity(request)) === 0
    }),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}
