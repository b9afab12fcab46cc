import type { CelType } from './types.ts'

/** What an expression may be: `int` is a bigint, `double` a number. */
export type Value =
  | bigint
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | Uint
  | CelList
  | CelMap
  | Duration
  | Timestamp
  | Optional
  | TypeValue
  | Opaque
  | Fault

export type Constant = bigint | number | string | boolean | null | Uint8Array | Uint

/** An error is a value: `true || 1/0 > 0` is true. Not thrown, since a loop may meet a million of them. */
export class Fault {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export const noOverload = new Fault('no such overload')

export class Uint {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}

/** In nanoseconds. */
export class Duration {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** In nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class Optional {
  readonly value: Value | undefined

  constructor(value: Value | undefined) {
    this.value = value
  }
}

export class TypeValue {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** A value of one of the libraries' own types: a URL, a quantity, an address. `isSame` compares two of a type. */
export abstract class Opaque {
  abstract readonly typeName: string
  abstract isSame(other: Opaque): boolean
}

/** Items as they are read: of a list out of JSON each becomes a value when it is first asked for. */
export class CelList {
  readonly items: readonly unknown[]
  readonly #valueOf: ((item: unknown) => Value) | undefined
  /** What `x-kubernetes-list-type` says of it, by which it is compared and added to. */
  readonly kind: ListKind | undefined
  readonly #made: Value[] = []

  constructor(items: readonly unknown[], valueOf?: (item: unknown) => Value, kind?: ListKind) {
    this.items = items
    this.#valueOf = valueOf
    this.kind = kind
  }

  get size(): number {
    return this.items.length
  }

  at(index: number): Value {
    const item = this.items[index]
    if (this.#valueOf === undefined) return item as Value // made of values where nothing turns them into some
    return (this.#made[index] ??= this.#valueOf(item))
  }
}

export type ListKind = { readonly type: 'set' } | { readonly type: 'map'; readonly keys: readonly string[] }

/** A map, or an object by its fields. */
export abstract class CelMap {
  abstract readonly size: number
  abstract readonly isObject: boolean
  abstract get(key: Value): Value | undefined
  abstract keys(): readonly Value[]

  /** The name of the type that an expression has made it of. */
  get message(): string | undefined {
    return undefined
  }

  /** Whether something was told of it; reading it may give more. */
  has(key: Value): boolean {
    return this.get(key) !== undefined
  }
}

/** What a literal or a macro makes. */
export class EntryMap extends CelMap {
  readonly isObject = false
  readonly #entries = new Map<string | bigint | number, readonly [Value, Value]>()

  get size(): number {
    return this.#entries.size
  }

  get(key: Value): Value | undefined {
    const plain = plainKey(key)
    return plain === undefined ? undefined : this.#entries.get(plain)?.[1]
  }

  keys(): readonly Value[] {
    return [...this.#entries.values()].map(([key]) => key)
  }

  /** What is wrong, if it cannot be put in. */
  add(key: Value, value: Value): Fault | undefined {
    const plain = plainKey(key)
    if (plain === undefined) return new Fault(`unsupported key type: ${typeNameOf(key)}`)
    if (this.#entries.has(plain)) return new Fault(`Failed with repeated key`)
    this.#entries.set(plain, [key, value])
    return undefined
  }
}

/** 1, 1u and 1.0 are one key. */
function plainKey(key: Value): string | bigint | number | undefined {
  if (typeof key === 'string') return `"${key}`
  if (typeof key === 'bigint') return key
  if (key instanceof Uint) return key.value
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key
  return typeof key === 'boolean' ? String(key) : undefined
}

/** Null is a value. */
export const orElse = (value: Value | undefined, other: Value): Value => (value === undefined ? other : value)

export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value
export const isUint64 = (value: bigint): boolean => BigInt.asUintN(64, value) === value

/** The name of a value's type, as `type(x)` and errors have it. */
export function typeNameOf(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      return value === null ? 'null_type' : nameOfObject(value)
  }
}

function nameOfObject(value: Exclude<Value, bigint | number | string | boolean | null>): string {
  if (value instanceof CelList) return 'list'
  if (value instanceof CelMap) return value.message ?? (value.isObject ? 'object' : 'map')
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof Optional) return 'optional_type'
  if (value instanceof TypeValue) return 'type'
  return value instanceof Opaque ? value.typeName : 'error'
}

/** Whether a value can be taken for one of a type; what is in a list or a map is not looked at. */
export function isOfType(value: Value, type: CelType): boolean {
  if (value instanceof Fault) return false
  switch (type.tag) {
    case 'dyn':
    case 'param':
      return true
    case 'list':
      return value instanceof CelList
    case 'map':
      return value instanceof CelMap && !value.isObject
    case 'object':
      return value instanceof CelMap && (type.message === undefined ? value.isObject : value.message === type.name)
    case 'optional':
      return value instanceof Optional
    case 'type':
      return value instanceof TypeValue
    case 'simple':
      return typeNameOf(value) === type.name
    default:
      return type satisfies never
  }
}
