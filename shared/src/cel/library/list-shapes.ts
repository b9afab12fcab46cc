import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { compare, hasItem } from '../equality.ts'
import { CelList, Fault, typeNameOf, type Value } from '../values.ts'

const ordered = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'duration', 'timestamp'] as const

/** What each of them costs, beside what it does with items. */
const call = 11

/** Lists that are made of others: parts of them, in another order, without what is there twice. */
export const listShapes = (): readonly Overload[] => [
  define('list<A>.slice(int, int) list<A>', sliced),
  define('list<list<A>>.flatten() list<A>', (list, budget) => new CelList(flattened(list, 1n, budget))),
  define('list<dyn>.flatten(int) list<dyn>', (list, depth, budget) =>
    depth < 0n ? new Fault('level must be non-negative') : new CelList(flattened(list, depth, budget)),
  ),
  define('.lists.range(int) list<int>', ranged),
  define('list<A>.reverse() list<A>', (list, budget) => {
    budget.pay(call + list.size)
    return new CelList(itemsOf(list).toReversed())
  }),
  define('list<A>.distinct() list<A>', distinct),
  ...ordered.map((type) =>
    define(`list<${type}>.sort() list<${type}>`, (list, budget) => {
      const items = itemsOf(list as CelList) // by its signature
      return sortedBy(items, items, budget as Budget) // as above
    }),
  ),
]

const itemsOf = (list: CelList): Value[] => Array.from({ length: list.size }, (_, index) => list.at(index))

function sliced(list: CelList, start: bigint, end: bigint, budget: Budget): Value {
  const wrong = (why: string) => new Fault(`cannot slice(${start}, ${end}), ${why}`)
  if (start < 0n || end < 0n) return wrong('negative indexes not supported')
  if (start > end) return wrong('start index must be less than or equal to end index')
  if (BigInt(list.size) < end) return wrong(`list is length ${list.size}`)
  budget.pay(call + Number(end - start))
  return new CelList(Array.from({ length: Number(end - start) }, (_, index) => list.at(Number(start) + index)))
}

function flattened(list: CelList, depth: bigint, budget: Budget): Value[] {
  budget.pay(call + list.size)
  return itemsOf(list).flatMap((item) => (depth > 0n && item instanceof CelList ? flattened(item, depth - 1n, budget) : [item]))
}

/** Kubernetes' own bound; an evaluation has no budget for as many. */
const longest = 10_000_000n

function ranged(count: bigint, budget: Budget): Value {
  if (count < 0n) return new Fault(`lists.range: size must be non-negative, got ${count}`)
  if (count > longest) return new Fault(`lists.range: size ${count} exceeds maximum allowed (${longest})`)
  budget.pay(call + Number(count))
  return new CelList(Array.from({ length: Number(count) }, (_, index) => BigInt(index)))
}

function distinct(list: CelList, budget: Budget): Value {
  budget.pay(call + 2 * list.size * list.size)
  const found: Value[] = []
  const known = new CelList(found)
  for (const item of itemsOf(list)) if (!hasItem(known, item, budget)) found.push(item)
  return known
}

/** Items in the order of their keys, all of which are of one type that has an order. */
export function sortedBy(items: readonly Value[], keys: readonly Value[], budget: Budget): Value {
  budget.pay(call + 2 * items.length * items.length)
  const [first] = keys
  if (first === undefined) return new CelList([])
  if (compare(first, first, budget) instanceof Fault) return new Fault('list elements must be comparable')
  if (keys.some((key) => typeNameOf(key) !== typeNameOf(first))) return new Fault('list elements must have the same type')
  const places = items.map((_, index) => index)
  const keyAt = (index: number) => keys[index] as Value // as many as items
  places.sort((a, b) => Number(compare(keyAt(a), keyAt(b), budget)) || a - b)
  return new CelList(places.map((index) => items[index]))
}
