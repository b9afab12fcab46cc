import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { compare, hasItem, isSame, itemsWithKey } from '../equality.ts'
import { CelList, CelMap, Fault, isInt64, isUint64, noOverload, Optional, Uint, type Value } from '../values.ts'

export const operators = (): readonly Overload[] => [...arithmetic(), ...comparisons(), ...containers()]

export const intOverflow = new Fault('integer overflow')
const uintOverflow = new Fault('unsigned integer overflow')

export const checkedInt = (value: bigint): bigint | Fault => (isInt64(value) ? value : intOverflow)
export const checkedUint = (value: bigint): Uint | Fault => (isUint64(value) ? new Uint(value) : uintOverflow)

type Arithmetic = { int(a: bigint, b: bigint): bigint; double?(a: number, b: number): number; needsDivisor?: string }

const arithmetics: Readonly<Record<string, Arithmetic>> = {
  '_+_': { int: (a, b) => a + b, double: (a, b) => a + b },
  '_-_': { int: (a, b) => a - b, double: (a, b) => a - b },
  '_*_': { int: (a, b) => a * b, double: (a, b) => a * b },
  '_/_': { int: (a, b) => a / b, double: (a, b) => a / b, needsDivisor: 'division by zero' },
  '_%_': { int: (a, b) => a % b, needsDivisor: 'modulus by zero' },
}

function arithmetic(): readonly Overload[] {
  const ofNumbers = Object.entries(arithmetics).flatMap(([name, { int, double, needsDivisor }]) => {
    const noDivisor = needsDivisor === undefined ? undefined : new Fault(needsDivisor)
    const named = (overload: Overload): Overload => ({ ...overload, name })
    return [
      named(
        define('o(int, int) int', (a, b, budget) => {
          budget.pay(1)
          return noDivisor !== undefined && b === 0n ? noDivisor : checkedInt(int(a, b))
        }),
      ),
      named(
        define('o(uint, uint) uint', (a, b, budget) => {
          budget.pay(1)
          return noDivisor !== undefined && b.value === 0n ? noDivisor : checkedUint(int(a.value, b.value))
        }),
      ),
      ...(double === undefined
        ? []
        : [
            named(
              define('o(double, double) double', (a, b, budget) => {
                budget.pay(1)
                return double(a, b)
              }),
            ),
          ]),
    ]
  })
  return [
    ...ofNumbers,
    define('-_(int) int', (a, budget) => {
      budget.pay(1)
      return checkedInt(-a)
    }),
    define('-_(double) double', (a, budget) => {
      budget.pay(1)
      return -a
    }),
    define('!_(bool) bool', (a, budget) => {
      budget.pay(1)
      return !a
    }),
    define('_+_(string, string) string', (a, b, budget) => {
      budget.payForText(a.length + b.length)
      return a + b
    }),
    define('_+_(bytes, bytes) bytes', (a, b, budget) => {
      budget.payForText(a.length + b.length)
      return Buffer.concat([a, b])
    }),
    define('_+_(list<A>, list<A>) list<A>', joined),
  ]
}

/** What a copy of a list takes for each item. */
const copyUnits = 1

/** Lists are put one behind the other; of a set each item stands there once, of a map of items the later one instead of the earlier. */
function joined(a: CelList, b: CelList, budget: Budget): Value {
  budget.pay(1 + (a.size + b.size) * copyUnits)
  const first = valuesOf(a)
  const { kind } = a
  if (kind === undefined) return new CelList([...first, ...valuesOf(b)])
  const merged = [...first]
  for (const item of valuesOf(b)) {
    if (kind.type === 'set') {
      if (!hasItem(a, item, budget)) merged.push(item)
      continue
    }
    const [same] = itemsWithKey(a, item, kind.keys, budget)
    const place = same === undefined ? -1 : first.indexOf(same)
    budget.pay(1 + first.length * copyUnits)
    if (place < 0) merged.push(item)
    else merged[place] = item
  }
  return new CelList(merged, undefined, kind)
}

export function valuesOf(list: CelList): readonly Value[] {
  const values: Value[] = []
  for (let index = 0; index < list.size; index++) values.push(list.at(index))
  return values
}

const numbers = ['int', 'uint', 'double']
const ordered = [
  ...['bool', 'string', 'bytes', 'google.protobuf.Duration', 'google.protobuf.Timestamp'].map((type) => [type, type]),
  ...numbers.flatMap((a) => numbers.map((b) => [a, b])),
]

function comparisons(): readonly Overload[] {
  const holds: Readonly<Record<string, (order: number) => boolean>> = {
    '_<_': (order) => order < 0,
    '_<=_': (order) => order <= 0,
    '_>_': (order) => order > 0,
    '_>=_': (order) => order >= 0,
  }
  const compared = (isSo: (order: number) => boolean) => (a: Value, b: Value, budget: Budget) => {
    const order = compare(a, b, budget)
    return order instanceof Fault ? order : isSo(order)
  }
  const any = define('o(A, A) bool', (a, b, budget) => isSame(a, b, budget))
  return [
    { ...any, name: '_==_' },
    { ...any, name: '_!=_' },
    define('_?_:_(bool, A, A) A', (condition, a, b) => (condition ? a : b)),
    ...Object.entries(holds).flatMap(([name, isSo]) =>
      ordered.map(([a, b]): Overload => {
        const { run, ...signature } = define(`o(${a}, ${b}) bool`, () => noOverload)
        const decide = compared(isSo)
        void run
        return { ...signature, name, run: ([left = null, right = null], budget) => decide(left, right, budget) }
      }),
    ),
  ]
}

function containers(): readonly Overload[] {
  return [
    define('@in(A, list<A>) bool', (item, list, budget) => {
      budget.pay(list.size)
      for (let index = 0; index < list.size; index++) if (isSame(list.at(index), item, budget)) return true
      return false
    }),
    define('@in(A, map<A,B>) bool', (key, map, budget) => {
      payForKey(key, budget)
      return map.get(key) !== undefined
    }),
    define('_[_](list<A>, int) A', itemAt),
    define('_[_](map<A,B>, A) B', memberAt),
    define('_[_](optional<list<A>>, int) optional<A>', (of, index, budget) => optionally(of, (list) => optionalItem(list, index, budget))),
    define('_[_](optional<map<A,B>>, A) optional<B>', (of, key, budget) => optionally(of, (map) => optionalItem(map, key, budget))),
    define('_[?_](list<A>, int) optional<A>', optionalItem),
    define('_[?_](map<A,B>, A) optional<B>', optionalItem),
    define('_[?_](optional<list<A>>, int) optional<A>', (of, index, budget) => optionally(of, (list) => optionalItem(list, index, budget))),
    define('_[?_](optional<map<A,B>>, A) optional<B>', (of, key, budget) => optionally(of, (map) => optionalItem(map, key, budget))),
  ]
}

function payForKey(key: Value, budget: Budget): void {
  budget.pay(1)
  if (typeof key === 'string') budget.payForText(Math.max(0, key.length - 64))
}

function itemAt(list: CelList, index: Value, budget: Budget): Value {
  budget.pay(1)
  const at = typeof index === 'bigint' ? Number(index) : index
  if (typeof at !== 'number' || !Number.isInteger(at)) return noOverload
  return at >= 0 && at < list.size ? list.at(at) : new Fault(`index out of bounds: ${at}`)
}

function memberAt(map: CelMap, key: Value, budget: Budget): Value {
  payForKey(key, budget)
  const found = map.get(key)
  if (found !== undefined) return found
  return new Fault(`no such key: ${typeof key === 'string' ? key.slice(0, 100) : String(key instanceof Uint ? key.value : key)}`)
}

function optionalItem(of: Value, key: Value, budget: Budget): Value {
  const found = of instanceof CelList ? itemAt(of, key, budget) : of instanceof CelMap ? memberAt(of, key, budget) : noOverload
  if (found === noOverload) return found
  return new Optional(found instanceof Fault ? undefined : found)
}

const optionally = (of: Optional, look: (value: Value) => Value): Value => (of.value === undefined ? of : look(of.value))
