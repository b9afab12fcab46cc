import { isEmbedded, isIntOrString, type JsonSchema } from '../schema/structural/json-schema.ts'
import { readDuration, readTimestamp } from './library/time-texts.ts'
import { escapeName, fieldsOf } from './schema-fields.ts'
import { celTypeOf } from './schema-types.ts'
import { CelList, CelMap, Fault, type ListKind, type Value } from './values.ts'

/** A JSON value as its schema means it. What is within becomes a value when it is asked for, once. */
export function celValueOf(raw: unknown, schema: JsonSchema | undefined, isWhole = schema !== undefined && isEmbedded(schema)): Value {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'boolean') return raw
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return schema?.type === 'number' || !Number.isInteger(raw) ? raw : BigInt(raw)
  if (typeof raw === 'string') return textValue(raw, schema)
  if (Array.isArray(raw)) return new CelList(raw, (item) => celValueOf(item, schema?.items), kindOf(schema))
  return typeof schema?.additionalProperties === 'object'
    ? new JsonMap(raw as Members, schema.additionalProperties) // an object that is no list
    : new JsonObject(raw as Members, schema ?? {}, isWhole) // as above
}

type Members = Readonly<Record<string, unknown>>

function textValue(text: string, schema: JsonSchema | undefined): Value {
  if (schema?.type !== 'string' || isIntOrString(schema)) return text
  switch (schema.format) {
    case 'byte':
      return Buffer.from(text, 'base64')
    case 'duration':
      return readDuration(text) ?? new Fault(`Invalid duration ${text.slice(0, 100)}`)
    case 'date':
      return readTimestamp(`${text}T00:00:00Z`) ?? new Fault(`Invalid date formatted string ${text.slice(0, 100)}`)
    case 'date-time':
      return readTimestamp(text) ?? new Fault(`Invalid date-time formatted string ${text.slice(0, 100)}`)
    default:
      return text
  }
}

function kindOf(schema: JsonSchema | undefined): ListKind | undefined {
  const type = schema?.['x-kubernetes-list-type']
  if (type === 'set') return { type }
  return type === 'map' ? { type, keys: (schema?.['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key) } : undefined
}

/** With every member that it has. */
class JsonMap extends CelMap {
  readonly isObject = false
  readonly #raw: Members
  readonly #schema: JsonSchema
  readonly #made = new Map<string, Value>()
  #keys: readonly string[] | undefined

  constructor(raw: Members, schema: JsonSchema) {
    super()
    this.#raw = raw
    this.#schema = schema
  }

  get size(): number {
    return this.keys().length
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#raw, key)) return undefined
    let value = this.#made.get(key)
    if (value === undefined) this.#made.set(key, (value = celValueOf(this.#raw[key], this.#schema)))
    return value
  }

  keys(): readonly string[] {
    return (this.#keys ??= Object.keys(this.#raw))
  }
}

/** With the fields that its schema names. A schema may name thousands, and a list have as many objects: only what stands there is looked at. */
class JsonObject extends CelMap {
  readonly isObject = true
  readonly #raw: Members
  readonly #schema: JsonSchema
  readonly #isWhole: boolean
  readonly #made = new Map<string, Value>()
  #keys: readonly string[] | undefined

  constructor(raw: Members, schema: JsonSchema, isWhole: boolean) {
    super()
    this.#raw = raw
    this.#schema = schema
    this.#isWhole = isWhole
  }

  get size(): number {
    return this.keys().length
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const made = this.#made.get(key)
    if (made !== undefined) return made
    const field = fieldsOf(this.#schema, this.#isWhole).get(key)
    if (field === undefined || !Object.hasOwn(this.#raw, field.name) || this.#raw[field.name] === undefined) return undefined
    if (celTypeOf(field.schema) === undefined) return undefined
    const value = celValueOf(this.#raw[field.name], field.schema)
    this.#made.set(key, value)
    return value
  }

  keys(): readonly string[] {
    return (this.#keys ??= Object.keys(this.#raw).flatMap((raw) => {
      const name = escapeName(raw)
      return name === undefined || this.get(name) === undefined ? [] : [name]
    }))
  }
}
