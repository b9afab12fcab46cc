import type { CallExpr, Expr, FoldExpr, SelectExpr } from '../ast.ts'
import type { Typing } from '../checker.ts'
import type { CelType } from '../types.ts'
import type { Constant } from '../values.ts'
import { type Argument, callCost, sorting } from './calls.ts'
import type { Declared } from './declared.ts'
import { either, fixed, plus, type Size, times, unknownSize } from './size.ts'

/** The costs of making a list and a map. */
const newList = 10
const newMap = 30
const newMessage = 40

/** What an expression costs at most, of a `self` that is declared so. Its parts are told apart as in Kubernetes, whose users know its answers. */
export function estimateCost(expr: Expr, typings: ReadonlyMap<Expr, Typing>, self: Declared): number {
  return new Estimate(typings, self).of(expr).cost
}

/** Where in the declaration a value comes from: `at` is undefined where nothing is declared. Nothing at all: it is made by the expression. */
type Place = { readonly at: Declared | undefined }
type Entries = { readonly key: Size; readonly value: Size }
type Seen = {
  readonly cost: number
  readonly place?: Place | undefined
  readonly size?: Size | undefined
  readonly entries?: Entries | undefined
}
type Local = Omit<Seen, 'cost'>

class Estimate {
  readonly #typings: ReadonlyMap<Expr, Typing>
  readonly #self: Declared
  readonly #locals = new Map<string, Local[]>()

  constructor(typings: ReadonlyMap<Expr, Typing>, self: Declared) {
    this.#typings = typings
    this.#self = self
  }

  of(expr: Expr): Seen {
    const seen = this.#seen(expr)
    return { ...seen, size: seen.size ?? this.#sizeOf(expr, seen.place) }
  }

  #seen(expr: Expr): Seen {
    switch (expr.tag) {
      case 'const':
        return { cost: 0, size: fixed(sizeOfConstant(expr.value)) }
      case 'ident': {
        const local = this.#locals.get(expr.name)?.at(-1)
        if (local === undefined) return { cost: 1, place: { at: this.#self } }
        return { cost: 1, ...local, size: local.place === undefined ? local.size : (this.#sizeOf(expr, local.place) ?? local.size) }
      }
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list': {
        const items = expr.items.map(({ value }) => this.of(value))
        const value = items.map(({ size = unknownSize }) => size)
        return {
          cost: sum([newList, ...items.map(({ cost }) => cost)]),
          size: fixed(items.length),
          entries: { key: fixed(1), value: all(value) },
        }
      }
      case 'map': {
        const [keys, values] = [expr.entries.map(({ key }) => this.of(key)), expr.entries.map(({ value }) => this.of(value))]
        const sizes = (seen: readonly Seen[]) => all(seen.map(({ size = unknownSize }) => size))
        return {
          cost: sum([newMap, ...[...keys, ...values].map(({ cost }) => cost)]),
          size: fixed(keys.length),
          entries: { key: sizes(keys), value: sizes(values) },
        }
      }
      case 'message':
        return { cost: sum([newMessage, ...expr.fields.map(({ value }) => this.of(value).cost)]) }
      case 'fold':
        return this.#fold(expr)
      case 'opt': {
        // hasValue, and a list that nobody goes through, value and of.
        const of = this.of(expr.of)
        const body = this.#with([[expr.name, {}]], () => this.of(expr.body))
        return { cost: sum([of.cost, 1, newList, of.cost, 1, body.cost, expr.isFlat ? 0 : 1]) }
      }
      default:
        return expr satisfies never
    }
  }

  #typeOf(expr: Expr): CelType | undefined {
    return this.#typings.get(expr)?.type
  }

  #sizeOf(expr: Expr, place: Place | undefined): Size | undefined {
    if (place?.at !== undefined) return { min: 0, max: place.at.maxElements }
    return isScalar(this.#typeOf(expr)) ? fixed(1) : undefined
  }

  /** What has no place in the declaration is taken for the whole of it, as in Kubernetes. */
  #within(place: Place | undefined, step: (declared: Declared) => Declared | undefined): Place {
    if (place === undefined) return { at: this.#self }
    return { at: place.at === undefined ? undefined : step(place.at) }
  }

  #select(expr: SelectExpr): Seen {
    if (this.#typings.get(expr)?.isQualified === true) return { cost: 1, place: { at: this.#self } }
    const of = this.of(expr.of)
    // Whether something is there costs no more than to come to where it would be.
    if (expr.isTest) return { cost: of.cost, size: fixed(1) }
    if (expr.isOptional) return { cost: plus(of.cost, 1) }
    const { tag = 'dyn' } = this.#typeOf(expr.of) ?? {}
    const own = tag === 'map' || tag === 'object' || tag === 'param' ? 1 : 0
    return { cost: plus(of.cost, own), place: this.#within(of.place, ({ fields }) => fields?.get(expr.field)) }
  }

  #call(expr: CallExpr): Seen {
    const { name, args, target } = expr
    const { overloads = [], isQualified = false } = this.#typings.get(expr) ?? {}
    const seen = args.map((arg) => this.of(arg))
    const [first] = seen
    const argsCost = sum(seen.map(({ cost }) => cost))
    if (name === '_&&_' || name === '_||_') return { cost: argsCost, size: fixed(1) }
    if (name === 'dyn' && target === undefined) return { ...first, cost: plus(1, argsCost) }
    if (overloads.length === 0) return { cost: 0 }
    const own = target === undefined || isQualified ? undefined : this.of(target)
    const asArgument = (each: Seen, of: Expr): Argument => ({
      cost: each.cost,
      size: each.size ?? unknownSize,
      items: this.#itemsOf(each, of),
      constant: of.tag === 'const' && typeof of.value === 'bigint' ? Number(of.value) : undefined,
    })
    const ownArgument = own === undefined || target === undefined ? undefined : asArgument(own, target)
    const given = seen.map((each, index) => asArgument(each, args[index] as Expr)) // as many
    const costs = overloads.map((overload) => callCost(overload, ownArgument, given))
    const called = Math.max(...costs.map(({ cost }) => cost))
    const results = costs.flatMap(({ result }) => (result === undefined ? [] : [result]))
    const entries = entriesOf(name, seen)
    if (name === '_?_:_') {
      const [condition = 0, yes = 0, no = 0] = seen.map(({ cost }) => cost)
      return { cost: plus(condition, Math.max(yes, no)), size: results[0], entries }
    }
    const cost = sum([argsCost, own?.cost ?? 0, called])
    if (name === '_[_]') return { cost, place: this.#within(first?.place, ({ value }) => value), size: first?.entries?.value }
    return { cost, size: results.length === 0 ? undefined : results.reduce(either), entries }
  }

  /** Of a list of texts, how long each of them is. */
  #itemsOf({ place }: Seen, expr: Expr): Size | undefined {
    const type = this.#typeOf(expr)
    if (type?.tag !== 'list' || type.item.tag !== 'simple' || (type.item.name !== 'string' && type.item.name !== 'bytes')) return undefined
    const item = place?.at?.value
    return item === undefined ? unknownSize : { min: 0, max: item.maxElements }
  }

  #with<T>(locals: readonly (readonly [string, Local])[], work: () => T): T {
    for (const [name, local] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local])
    const result = work()
    for (const [name] of locals) this.#locals.get(name)?.pop()
    return result
  }

  /** A macro is what cel-go makes of it: a start, a condition and a step for each that is met, and a result. */
  #fold({ name, names, range, condition, body }: FoldExpr): Seen {
    const over = this.of(range)
    const isList = this.#typeOf(range)?.tag === 'list'
    const keys: Local = {
      place: isList ? { at: undefined } : this.#within(over.place, ({ key }) => key),
      size: over.entries?.key,
    }
    const values: Local = { place: this.#within(over.place, ({ value }) => value), size: over.entries?.value }
    const [first, second] = names
    const met: [string, Local][] = second === undefined ? [[first, isList ? values : keys]] : [[first, keys], [second, values]] // prettier-ignore
    const [tested, made] = this.#with(met, () => [condition === undefined ? undefined : this.of(condition), this.of(body)] as const)
    const count = over.size ?? unknownSize
    const { start, each, end } = costsOf[name](made.cost)
    const step = tested === undefined ? each : plus(tested.cost, Math.max(each, 1))
    const cost = sum([over.cost, start, times(count.max, step), end])
    if (name === 'sortBy') {
      const key = this.#typeOf(body)
      const order = sorting(count, key?.tag === 'simple' && (key.name === 'string' || key.name === 'bytes'))
      return { cost: sum([cost, newList, 2, order.cost]), size: order.result }
    }
    if (name === 'all' || name === 'exists' || name === 'exists_one') return { cost, size: fixed(1) }
    const item = name === 'filter' ? (met[0]?.[1].size ?? unknownSize) : (made.size ?? unknownSize)
    return { cost, size: count, entries: { key: fixed(1), value: { min: 0, max: item.max } } }
  }
}

type FoldCosts = { readonly start: number; readonly each: number; readonly end: number }

/** By what one body costs. The accumulator is read in the condition, in the step and at the end. */
const costsOf: Readonly<Record<FoldExpr['name'], (body: number) => FoldCosts>> = {
  all: (body) => ({ start: 0, each: plus(3, body), end: 1 }),
  exists: (body) => ({ start: 0, each: plus(4, body), end: 1 }),
  exists_one: (body) => ({ start: 0, each: plus(2, body), end: 2 }),
  filter: (body) => ({ start: newList, each: plus(13, body), end: 1 }),
  map: (body) => ({ start: newList, each: plus(12, body), end: 1 }),
  sortBy: (body) => ({ start: newList, each: plus(12, body), end: 1 }),
  transformList: (body) => ({ start: newList, each: plus(12, body), end: 1 }),
  transformMap: (body) => ({ start: newMap, each: plus(3, body), end: 1 }),
  transformMapEntry: (body) => ({ start: newMap, each: plus(2, body), end: 1 }),
}

const sum = (costs: readonly number[]): number => costs.reduce(plus, 0)
const all = (sizes: readonly Size[]): Size => (sizes.length === 0 ? fixed(0) : sizes.reduce(either))

/** What is chosen between, or put together, has the entries of both, if both are known. */
function entriesOf(name: string, args: readonly Seen[]): Entries | undefined {
  const [a, b] = name === '_?_:_' ? args.slice(1) : name === '_+_' ? args : []
  if (a?.entries === undefined || b?.entries === undefined) return undefined
  return { key: either(a.entries.key, b.entries.key), value: either(a.entries.value, b.entries.value) }
}

const scalars: ReadonlySet<string> = new Set(['bool', 'int', 'uint', 'double', 'google.protobuf.Duration', 'google.protobuf.Timestamp'])

function isScalar(type: CelType | undefined): boolean {
  if (type?.tag === 'optional') return isScalar(type.of)
  return type?.tag === 'simple' && scalars.has(type.name)
}

function sizeOfConstant(value: Constant): number {
  if (typeof value === 'string') return [...value].length
  return value instanceof Uint8Array ? value.length : 1
}
