import type { KubeObject } from '@bramble/shared/api/client.ts'
import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { ResourceQuota } from '@bramble/shared/kinds/resource-quota.ts'
import { type Quantities, quantitiesOf } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import { addQuantities, compareQuantities, formatQuantity, type Quantity, subtractQuantities } from '@bramble/shared/meta/quantity.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { asCounted } from './pod-usage.ts'
import { isInScopes } from './scopes.ts'
import { isCountedBy, usageOf } from './usage.ts'

/** What becomes of an object: it is made, changed, or gone. */
export type Change = {
  readonly kind: Kind
  readonly before?: KubeObject | undefined
  readonly after?: KubeObject | undefined
  /** Whether it is refused where it takes more than there is; what only tells what has happened is counted and not refused. */
  readonly isAsked: boolean
  readonly now: number
}

type Amounts = Readonly<Record<string, string>>
/** What a quota allows and how much of that is taken. */
export type Standing = { readonly quota: ResourceQuota; readonly hard: Quantities; readonly used: Quantities }

export const standingOf = (quota: ResourceQuota): Standing => ({
  quota,
  hard: quantitiesOf(quota.status?.hard),
  used: quantitiesOf(quota.status?.used),
})

export type Charged =
  | { readonly type: 'refused'; readonly why: string }
  /** In the order of the quotas that were asked; those that nothing changes for are the same. */
  | { readonly type: 'charged'; readonly standings: readonly Standing[] }

/** What the quotas of its namespace say of a change: all of them take it, or none. */
export function charge(standings: readonly Standing[], change: Change): Charged {
  const { kind, before, after, isAsked, now } = change
  const [old, next] = [before, after].map((object) => (object === undefined ? {} : usageOf(kind, object, now)))
  const charged: Standing[] = []
  for (const standing of standings) {
    const { quota, hard, used } = standing
    const names = Object.keys(hard).filter((name) => isCountedBy(kind, name))
    const isIn = (object: KubeObject | undefined) => object !== undefined && names.length > 0 && isInScopes(quota, kind, object)
    const { name } = quota.metadata
    const isNowIn = isIn(after)
    if (isAsked && isNowIn && after !== undefined) {
      const missing = before === undefined && kind === pods ? unsaid(after as Pod, names) : undefined // of that kind
      if (missing !== undefined) return { type: 'refused', why: `failed quota: ${name}: must specify ${missing}` }
      if (names.some((one) => ownValue(used, one) === undefined))
        return { type: 'refused', why: `status unknown for quota: ${name}, resources: ${names.sort().join(',')}` }
    }
    const delta = differenceOf(isIn(before) ? (old ?? {}) : {}, isNowIn ? (next ?? {}) : {}, names)
    const exceeded = isAsked ? exceededBy(standing, delta) : []
    if (exceeded.length > 0)
      return {
        type: 'refused',
        why: `exceeded quota: ${name}, requested: ${told(delta, exceeded)}, used: ${told(used, exceeded)}, limited: ${told(hard, exceeded)}`,
      }
    charged.push(Object.keys(delta).length === 0 ? standing : { ...standing, used: added(used, delta) })
  }
  return { type: 'charged', standings: charged }
}

const zero: Quantity = { nano: 0n, format: 'decimal' }

/** Without what stays the same. */
function differenceOf(old: Quantities, next: Quantities, names: readonly string[]): Quantities {
  const delta: Quantities = {}
  for (const name of names) {
    const amount = subtractQuantities(ownValue(next, name) ?? zero, ownValue(old, name) ?? zero)
    if (amount.nano !== 0n) setOwn(delta, name, amount)
  }
  return delta
}

/** Less than nothing is never taken: what was not counted in is not counted out. */
function added(used: Quantities, delta: Quantities): Quantities {
  const result = { ...used }
  for (const [name, amount] of Object.entries(delta)) {
    const sum = addQuantities(ownValue(used, name) ?? zero, amount)
    setOwn(result, name, sum.nano < 0n ? { ...sum, nano: 0n } : sum)
  }
  return result
}

const exceededBy = ({ hard, used }: Standing, delta: Quantities): readonly string[] =>
  Object.entries(delta)
    .filter(([, amount]) => amount.nano > 0n)
    .filter(([name, amount]) => compareQuantities(addQuantities(ownValue(used, name) ?? zero, amount), ownValue(hard, name) ?? zero) > 0)
    .map(([name]) => name)
    .sort()

const told = (amounts: Quantities, names: readonly string[]): string =>
  names.map((name) => `${name}=${formatQuantity(ownValue(amounts, name) ?? zero)}`).join(',')

/** What has to be said by each container where a quota counts it; of what was added later Kubernetes does not ask it. */
const toBeSaid = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']

function unsaid({ spec: { containers, initContainers = [], resources } }: Pod, names: readonly string[]): string | undefined {
  const ofPod = asCounted(quantitiesOf(resources?.requests), quantitiesOf(resources?.limits))
  const missing = toBeSaid.flatMap((name) => {
    if (!names.includes(name) || ofPod[name] !== undefined) return []
    const silent = [...containers, ...initContainers]
      .filter(({ resources: own }) => asCounted(quantitiesOf(own.requests), quantitiesOf(own.limits))[name] === undefined)
      .map((container) => container.name)
    return silent.length === 0 ? [] : [`${name} for: ${silent.sort().join(',')}`]
  })
  return missing.length === 0 ? undefined : missing.join('; ')
}

/** As it is written. */
export function amountsOf(quantities: Quantities): Amounts {
  const amounts: Record<string, string> = {}
  for (const [name, amount] of Object.entries(quantities)) setOwn(amounts, name, formatQuantity(amount))
  return amounts
}
