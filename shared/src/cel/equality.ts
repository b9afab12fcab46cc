import type { Budget } from './budget.ts'
import { CelList, CelMap, Duration, type Fault, noOverload, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts'

/** Whether two values are the same; those of two types are not, but for numbers, which are compared by what they are worth. */
export function isSame(a: Value, b: Value, budget: Budget): boolean {
  if (typeof a === 'string' && typeof b === 'string') {
    budget.payForText(Math.min(a.length, b.length))
    return a === b
  }
  budget.pay(1)
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b
  if (a === null || b === null || typeof a === 'boolean' || typeof b === 'boolean') return a === b
  const order = compareNumbers(a, b)
  if (order !== undefined) return order === 0
  if (a instanceof CelList) return b instanceof CelList && isSameList(a, b, budget)
  if (a instanceof CelMap) return b instanceof CelMap && a.message === b.message && isSameMap(a, b, budget)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b, budget) === 0
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (a instanceof Opaque) return b instanceof Opaque && a.typeName === b.typeName && a.isSame(b)
  if (a instanceof Optional && b instanceof Optional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value
    return isSame(a.value, b.value, budget)
  }
  return false
}

function isSameList(a: CelList, b: CelList, budget: Budget): boolean {
  if (a.size !== b.size) return false
  const kind = a.kind ?? b.kind
  if (kind === undefined) {
    for (let index = 0; index < a.size; index++) if (!isSame(a.at(index), b.at(index), budget)) return false
    return true
  }
  // In a set and in a map of items the order says nothing.
  return everyItem(a, (item) =>
    kind.type === 'map' ? hasSame(itemsWithKey(b, item, kind.keys, budget), item, budget) : hasItem(b, item, budget),
  )
}

function everyItem(list: CelList, holds: (item: Value) => boolean): boolean {
  for (let index = 0; index < list.size; index++) if (!holds(list.at(index))) return false
  return true
}

const hasSame = (items: readonly Value[], wanted: Value, budget: Budget): boolean => items.some((item) => isSame(item, wanted, budget))

export const hasItem = (list: CelList, wanted: Value, budget: Budget): boolean => !everyItem(list, (item) => !isSame(item, wanted, budget))

/** Those of a list that have the same keys as an item. */
export function itemsWithKey(list: CelList, item: Value, keys: readonly string[], budget: Budget): readonly Value[] {
  const found: Value[] = []
  for (let index = 0; index < list.size; index++) {
    const other = list.at(index)
    budget.pay(1)
    if (keys.every((key) => isSame(fieldOf(other, key), fieldOf(item, key), budget))) found.push(other)
  }
  return found
}

const fieldOf = (value: Value, key: string): Value => (value instanceof CelMap ? (value.get(key) ?? null) : null)

function isSameMap(a: CelMap, b: CelMap, budget: Budget): boolean {
  if (a.size !== b.size) return false
  budget.pay(a.size)
  for (const key of a.keys()) {
    if (typeof key === 'string') budget.pay(key.length / 32)
    const mine = a.get(key)
    const other = b.get(key)
    if (mine === undefined || other === undefined || !isSame(mine, other, budget)) return false
  }
  return true
}

/** Below 0, 0 or above; NaN for what no order is between, undefined for what are not both numbers. */
export function compareNumbers(a: Value, b: Value): number | undefined {
  const left = a instanceof Uint ? a.value : a
  const right = b instanceof Uint ? b.value : b
  if ((typeof left !== 'bigint' && typeof left !== 'number') || (typeof right !== 'bigint' && typeof right !== 'number')) return undefined
  return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN
}

function compareBytes(a: Uint8Array, b: Uint8Array, budget: Budget): number {
  budget.payForText(Math.min(a.length, b.length))
  return Buffer.compare(a, b)
}

/** In the order of their bytes in UTF-8, as Go compares them. */
function compareTexts(a: string, b: string, budget: Budget): number {
  budget.payForText(Math.min(a.length, b.length))
  if (a === b) return 0
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Halves of pairs stand for code points above all that a single unit can be. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)

/** Below 0, 0 or above, NaN for doubles without order. */
export function compare(a: Value, b: Value, budget: Budget): number | Fault {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b, budget)
  budget.pay(1)
  const order = compareNumbers(a, b)
  if (order !== undefined) return order
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b, budget)
  if (a instanceof Duration && b instanceof Duration) return compareNumbers(a.nanos, b.nanos) ?? 0
  if (a instanceof Timestamp && b instanceof Timestamp) return compareNumbers(a.nanos, b.nanos) ?? 0
  return noOverload
}
