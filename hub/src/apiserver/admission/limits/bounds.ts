import { ownValue } from '@bramble/shared/json/own.ts'
import type { Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '@bramble/shared/meta/quantity.ts'
import type { LimitRangeItem } from '@bramble/shared/types/limit-range-item.ts'

export type Amounts = Readonly<Record<string, string>>
type Wanted = { readonly requests: Quantities; readonly limits: Quantities }

/** Why a container or pod is outside of what the item lets it ask for and take, in the words of Kubernetes. */
export const amountErrors = (item: LimitRangeItem, wanted: Wanted): readonly string[] => [
  ...leastErrors(item, wanted),
  ...mostErrors(item, wanted),
  ...ratioErrors(item, wanted),
]

const isLess = (a: Quantity, b: Quantity) => compareQuantities(a, b) < 0

export const leastErrors = ({ type, min }: LimitRangeItem, { requests, limits }: Wanted): readonly string[] =>
  each(min, (name, least, text) => {
    const [request, limit] = [ownValue(requests, name), ownValue(limits, name)]
    const said = `minimum ${name} usage per ${type} is ${text}`
    if (request === undefined) return `${said}.  No request is specified`
    if (isLess(request, least)) return `${said}, but request is ${formatQuantity(request)}`
    return limit !== undefined && isLess(limit, least) ? `${said}, but limit is ${formatQuantity(limit)}` : undefined
  })

const mostErrors = ({ type, max }: LimitRangeItem, { requests, limits }: Wanted): readonly string[] =>
  each(max, (name, most, text) => {
    const [request, limit] = [ownValue(requests, name), ownValue(limits, name)]
    const said = `maximum ${name} usage per ${type} is ${text}`
    if (limit === undefined) return `${said}.  No limit is specified`
    if (isLess(most, limit)) return `${said}, but limit is ${formatQuantity(limit)}`
    return request !== undefined && isLess(most, request) ? `${said}, but request is ${formatQuantity(request)}` : undefined
  })

/** Where nothing is limited. */
export const mostAskedErrors = ({ type, max }: LimitRangeItem, requests: Quantities): readonly string[] =>
  each(max, (name, most, text) => {
    const request = ownValue(requests, name)
    const said = `maximum ${name} usage per ${type} is ${text}`
    if (request === undefined) return `${said}.  No request is specified`
    return isLess(most, request) ? `${said}, but request is ${formatQuantity(request)}` : undefined
  })

const ratioErrors = ({ type, maxLimitRequestRatio }: LimitRangeItem, { requests, limits }: Wanted): readonly string[] =>
  each(maxLimitRequestRatio, (name, most, text) => {
    const [request, limit] = [ownValue(requests, name)?.nano ?? 0n, ownValue(limits, name)?.nano ?? 0n]
    const said = `${name} max limit to request ratio per ${type} is ${text}`
    if (request === 0n) return `${said}, but no request is specified or request is 0`
    if (limit === 0n) return `${said}, but no limit is specified or limit is 0`
    // In whole numbers: what is just at the ratio is within it.
    if (limit * 1_000_000_000n <= most.nano * request) return undefined
    return `${said}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`
  })

const each = (
  amounts: Amounts | undefined,
  errorOf: (name: string, amount: Quantity, text: string) => string | undefined,
): readonly string[] => Object.entries(amounts ?? {}).flatMap(([name, text]) => errorOf(name, parseQuantity(text), text) ?? [])
