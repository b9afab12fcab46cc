import type { FoldName } from './ast.ts'
import type { Budget } from './budget.ts'
import { sortedBy } from './library/list-shapes.ts'
import type { Run, Step } from './step.ts'
import { CelList, CelMap, EntryMap, Fault, noOverload, orElse, type Value } from './values.ts'

export type Fold = {
  readonly name: FoldName
  readonly names: readonly string[]
  readonly range: Step
  readonly condition: Step | undefined
  readonly body: Step
  /** Of the first name; that of the second is the next. */
  readonly slot: number
}

/** What of a range is met one after the other: keys or indices, and what stands there. */
type Range = { readonly size: number; key(index: number): Value; value(index: number): Value }

/** What Kubernetes counts for each turn, beside the body: the look whether to go on, and the step. */
const units: Readonly<Record<FoldName, number>> = {
  ...{ all: 3, exists: 4, exists_one: 2, filter: 2, map: 12, transformList: 12, transformMap: 32, transformMapEntry: 32, sortBy: 12 },
}

export function foldStep(fold: Fold): Step {
  const { name, names, condition, body, slot } = fold
  const isPair = names.length === 2
  const perTurn = units[name]
  return (run) => {
    const over = fold.range(run)
    if (over instanceof Fault) return over
    const range = rangeOf(over, run)
    if (range === undefined) return noOverload
    const isOfKeys = over instanceof CelMap
    const made = makers[name]()
    run.budget.pay(made.units)
    for (let index = 0; index < range.size; index++) {
      run.budget.pay(perTurn)
      const item = isPair || isOfKeys ? range.key(index) : range.value(index)
      run.slots[slot] = item
      if (isPair) run.slots[slot + 1] = range.value(index)
      if (condition !== undefined) {
        const isWanted = condition(run)
        if (isWanted instanceof Fault) return isWanted
        if (isWanted === false) continue
        if (isWanted !== true) return noOverload
      }
      const end = made.turn(body(run), item, run)
      if (end !== undefined) return end
    }
    return made.result()
  }
}

function rangeOf(over: Value, run: Run): Range | undefined {
  if (over instanceof CelList) return { size: over.size, key: (index) => BigInt(index), value: (index) => over.at(index) }
  if (!(over instanceof CelMap)) return undefined
  run.budget.pay(over.size)
  const keys = over.keys()
  const keyAt = (index: number) => keys[index] as Value // asked for below the size
  const valueAt = (index: number): Value => {
    const key = keyAt(index)
    if (typeof key === 'string') run.budget.pay(key.length / 32)
    return orElse(over.get(key), noOverload)
  }
  return { size: keys.length, key: keyAt, value: valueAt }
}

/** What becomes of the bodies. `turn` answers what ends the loop. */
type Maker = { readonly units: number; turn(body: Value, item: Value, run: Run): Value | undefined; result(): Value }

const makers: Readonly<Record<FoldName, () => Maker>> = {
  all: () => logical(false),
  exists: () => logical(true),
  exists_one() {
    let count = 0
    return {
      units: 2,
      turn(body) {
        if (typeof body !== 'boolean') return body instanceof Fault ? body : noOverload
        if (body) count++
        return undefined
      },
      result: () => count === 1,
    }
  },
  filter() {
    const items: Value[] = []
    return {
      units: 11,
      turn(body, item, run) {
        if (typeof body !== 'boolean') return body instanceof Fault ? body : noOverload
        if (!body) return undefined
        run.budget.pay(11)
        items.push(item)
        return undefined
      },
      result: () => new CelList(items),
    }
  },
  map: listed,
  sortBy() {
    const items: Value[] = []
    const keys: Value[] = []
    let budget: Budget | undefined
    return {
      units: 11,
      turn(body, item, run) {
        if (body instanceof Fault) return body
        budget = run.budget
        items.push(item)
        keys.push(body)
        return undefined
      },
      result: () => (budget === undefined ? new CelList([]) : sortedBy(items, keys, budget)),
    }
  },
  transformList: listed,
  transformMap() {
    const map = new EntryMap()
    return { units: 31, turn: (body, key, run) => (body instanceof Fault ? body : added(map, key, body, run)), result: () => map }
  },
  transformMapEntry() {
    const map = new EntryMap()
    return {
      units: 31,
      turn(body, _key, run) {
        if (!(body instanceof CelMap)) return body instanceof Fault ? body : noOverload
        run.budget.pay(body.size)
        for (const key of body.keys()) {
          const wrong = added(map, key, orElse(body.get(key), noOverload), run)
          if (wrong !== undefined) return wrong
        }
        return undefined
      },
      result: () => map,
    }
  },
}

function added(map: EntryMap, key: Value, value: Value, run: Run): Value | undefined {
  if (typeof key === 'string') run.budget.pay(key.length / 32)
  return map.add(key, value)
}

function logical(decides: boolean): Maker {
  let fault: Fault | undefined
  return {
    units: 1,
    turn(body) {
      if (body === decides) return decides
      if (body instanceof Fault) fault ??= body
      else if (typeof body !== 'boolean') fault ??= noOverload
      return undefined
    },
    result: () => fault ?? !decides,
  }
}

function listed(): Maker {
  const items: Value[] = []
  return {
    units: 11,
    turn(body) {
      if (body instanceof Fault) return body
      items.push(body)
      return undefined
    },
    result: () => new CelList(items),
  }
}
