import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { compare, isSame } from '../equality.ts'
import { type CelList, Duration, Fault, noOverload, Uint, type Value } from '../values.ts'
import { checkedInt, checkedUint, intOverflow } from './operators.ts'
import { durationOf } from './time-texts.ts'

const ordered = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'duration', 'timestamp'] as const
const added = ['int', 'uint', 'double', 'duration'] as const

export const lists = (): readonly Overload[] => [
  define('size(list<A>) int', (list, budget) => sizeOf(list.size, budget)),
  define('list<A>.size() int', (list, budget) => sizeOf(list.size, budget)),
  define('size(map<A,B>) int', (map, budget) => sizeOf(map.size, budget)),
  define('map<A,B>.size() int', (map, budget) => sizeOf(map.size, budget)),
  ...ordered.flatMap((type) => [
    define(`list<${type}>.isSorted() bool`, (list, budget) => isSorted(list as CelList, budget as Budget)), // by its signature
    define(`list<${type}>.min() ${type}`, (list, budget) => outermost(list as CelList, budget as Budget, 'min', (order) => order < 0)), // as above
    define(`list<${type}>.max() ${type}`, (list, budget) => outermost(list as CelList, budget as Budget, 'max', (order) => order > 0)), // as above
  ]),
  ...added.map((type) => define(`list<${type}>.sum() ${type}`, (list, budget) => sumOf(list as CelList, type, budget as Budget))), // as above
  define('list<A>.indexOf(A) int', (list, item, budget) => placeOf(list, item, false, budget)),
  define('list<A>.lastIndexOf(A) int', (list, item, budget) => placeOf(list, item, true, budget)),
]

function sizeOf(size: number, budget: Budget): bigint {
  budget.pay(1)
  return BigInt(size)
}

function isSorted(list: CelList, budget: Budget): Value {
  for (let index = 1; index < list.size; index++) {
    const order = compare(list.at(index - 1), list.at(index), budget)
    if (order instanceof Fault) return order
    if (!(order <= 0)) return false
  }
  return true
}

function outermost(list: CelList, budget: Budget, name: string, isFurther: (order: number) => boolean): Value {
  if (list.size === 0) return new Fault(`${name} called on empty list`)
  let found = list.at(0)
  for (let index = 1; index < list.size; index++) {
    const order = compare(list.at(index), found, budget)
    if (order instanceof Fault) return order
    if (isFurther(order)) found = list.at(index)
  }
  return found
}

const zeros = { int: 0n, uint: new Uint(0n), double: 0, duration: new Duration(0n) } as const

function sumOf(list: CelList, type: keyof typeof zeros, budget: Budget): Value {
  let sum: Value = list.size === 0 ? zeros[type] : list.at(0)
  for (let index = 1; index < list.size; index++) {
    budget.pay(1)
    sum = plus(sum, list.at(index))
    if (sum instanceof Fault) return sum
  }
  return sum
}

function plus(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return checkedInt(a + b)
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (a instanceof Uint && b instanceof Uint) return checkedUint(a.value + b.value)
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos + b.nanos) ?? intOverflow
  return noOverload
}

function placeOf(list: CelList, item: Value, isLast: boolean, budget: Budget): bigint {
  for (let turn = 0; turn < list.size; turn++) {
    const index = isLast ? list.size - 1 - turn : turn
    if (isSame(list.at(index), item, budget)) return BigInt(index)
  }
  return -1n
}
