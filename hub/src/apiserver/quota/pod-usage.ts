import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { amountsOfPod, type Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import type { Quantity } from '@bramble/shared/meta/quantity.ts'

const computed = ['cpu', 'memory', 'ephemeral-storage']
const named = new Set(['pods', ...computed, ...computed.flatMap((name) => [`requests.${name}`, `limits.${name}`])])

const isHugePages = (name: string) => name.startsWith('hugepages-')
/** Devices and the like, which are not Kubernetes' own. */
const isExtended = (name: string) => name.includes('/') && !name.includes('kubernetes.io/')

/** Whether it is a name by which a quota counts pods. */
export const isOfPods = (name: string): boolean =>
  named.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-') || (name.startsWith('requests.') && isExtended(name))

/** Nothing of a pod that has ended, or whose grace is over though nobody has said yet that it has: its node may be lost. */
export function usageOfPod(pod: Pod, now: number): Quantities {
  if (isOver(pod, now)) return {}
  return { pods: one, ...asCounted(amountsOfPod(pod.spec, 'requests'), amountsOfPod(pod.spec, 'limits')) }
}

const one: Quantity = { nano: 1_000_000_000n, format: 'decimal' }

function isOver({ metadata: { deletionTimestamp, deletionGracePeriodSeconds }, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false
  return now > Date.parse(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000
}

/** By the names that they have in a quota: what is asked for has two. */
export function asCounted(requests: Quantities, limits: Quantities): Quantities {
  const counted: Quantities = {}
  for (const name of computed) {
    const [request, limit] = [ownValue(requests, name), ownValue(limits, name)]
    if (request !== undefined) counted[name] = counted[`requests.${name}`] = request
    if (limit !== undefined) counted[`limits.${name}`] = limit
  }
  for (const [name, amount] of Object.entries(requests)) {
    if (isHugePages(name)) counted[name] = amount
    if (isHugePages(name) || isExtended(name)) setOwn(counted, `requests.${name}`, amount)
  }
  return counted
}
