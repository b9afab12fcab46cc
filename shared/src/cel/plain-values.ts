import { CelList, CelMap, type Value } from './values.ts'

/** A JSON value of which no schema says anything, as an expression sees it whose variables may be anything. What is within becomes a value when it is asked for. */
export function plainValueOf(raw: unknown): Value {
  if (raw === null || raw === undefined) return null
  switch (typeof raw) {
    case 'boolean':
    case 'bigint':
    case 'string':
      return raw
    case 'number':
      return Number.isInteger(raw) ? BigInt(raw) : raw
    default:
      return Array.isArray(raw) ? new CelList(raw, plainValueOf) : new PlainMap(raw as Members) // of JSON, what is left is an object
  }
}

type Members = Readonly<Record<string, unknown>>

class PlainMap extends CelMap {
  readonly isObject = false
  readonly #raw: Members
  readonly #made = new Map<string, Value>()
  #keys: readonly string[] | undefined

  constructor(raw: Members) {
    super()
    this.#raw = raw
  }

  get size(): number {
    return this.keys().length
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const made = this.#made.get(key)
    if (made !== undefined) return made
    if (!Object.hasOwn(this.#raw, key) || this.#raw[key] === undefined) return undefined
    const value = plainValueOf(this.#raw[key])
    this.#made.set(key, value)
    return value
  }

  keys(): readonly string[] {
    return (this.#keys ??= Object.keys(this.#raw).filter((key) => this.#raw[key] !== undefined))
  }
}
