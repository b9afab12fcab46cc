import { define, type Overload } from '../define.ts'
import { CelList, CelMap, Duration, Fault, Optional, orElse, Timestamp, Uint, type Value } from '../values.ts'
import { valuesOf } from './operators.ts'

const none = new Optional(undefined)
const dereferenced = new Fault('optional.none() dereference')

export const optionals = (): readonly Overload[] =>
  [
    define('.optional.of(A) optional<A>', (value) => new Optional(value)),
    define('.optional.none() optional<A>', () => none),
    define('.optional.ofNonZeroValue(A) optional<A>', (value) => (isZero(value) ? none : new Optional(value))),
    define('optional<A>.hasValue() bool', ({ value }) => value !== undefined),
    define('optional<A>.value() A', ({ value }) => orElse(value, dereferenced)),
    define('optional<A>.or(optional<A>) optional<A>', (first, second) => (first.value === undefined ? second : first)),
    define('optional<A>.orValue(A) A', ({ value }, other) => orElse(value, other)),
    define('list<A>.first() optional<A>', (list) => new Optional(list.size === 0 ? undefined : list.at(0))),
    define('list<A>.last() optional<A>', (list) => new Optional(list.size === 0 ? undefined : list.at(list.size - 1))),
    define('list<optional<A>>.unwrapOpt() list<A>', (list, budget) => {
      budget.pay(list.size)
      return unwrapped(list)
    }),
    define('.optional.unwrap(list<optional<A>>) list<A>', (list, budget) => {
      budget.pay(list.size)
      return unwrapped(list)
    }),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      budget.pay(1)
      return overload.run(args, budget)
    },
  }))

const unwrapped = (list: CelList): CelList =>
  new CelList(valuesOf(list).flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : [])))

function isZero(value: Value): boolean {
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0
  if (value instanceof Uint8Array) return value.length === 0
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration || value instanceof Timestamp) return value.nanos === 0n
  if (value instanceof Optional) return value.value === undefined
  return value === null || value === '' || value === 0 || value === 0n || value === false
}
