import type { ObjectType } from './types.ts'
import { CelMap, Fault, isOfType, type Value } from './values.ts'

/** A value that an expression has made of a type by its name. */
export class MessageValue extends CelMap {
  readonly isObject = true
  readonly #type: ObjectType
  readonly #fields: ReadonlyMap<string, Value>

  constructor(type: ObjectType, fields: ReadonlyMap<string, Value>) {
    super()
    this.#type = type
    this.#fields = fields
  }

  get size(): number {
    return this.#fields.size
  }

  override get message(): string {
    return this.#type.name
  }

  /** A text that was not told is read as an empty one. */
  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const told = this.#fields.get(key)
    if (told !== undefined) return told
    const type = this.#type.fields.get(key)
    return type?.tag === 'simple' && type.name === 'string' ? '' : undefined
  }

  keys(): readonly string[] {
    return [...this.#fields.keys()]
  }

  /** An empty text is none, as Go has it. */
  override has(key: Value): boolean {
    const value = this.get(key)
    return value !== undefined && !(value === '' && this.#type.message === 'closed' && this.#type.fields.get(String(key))?.tag === 'simple')
  }
}

/** What of a field was not known when the expression was read is looked at now. */
export function messageOf(type: ObjectType, fields: ReadonlyMap<string, Value>): Value {
  for (const [name, value] of fields) {
    const wanted = type.fields.get(name)
    if (wanted !== undefined && !isOfType(value, wanted))
      return new Fault(`unexpected type ${goTypeOf(value)} for ${type.name}Type '${name}' field`)
  }
  return new MessageValue(type, fields)
}

const goTypes: Readonly<Record<string, string>> = { bigint: 'int64', number: 'float64', boolean: 'bool', string: 'string' }

const goTypeOf = (value: Value): string => goTypes[typeof value] ?? (value === null ? 'structpb.NullValue' : 'interface {}')
