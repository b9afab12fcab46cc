import { isEmbedded, isIntOrString, type JsonSchema } from '../../schema/structural/json-schema.ts'
import { fieldsOf } from '../schema-fields.ts'

/** How large a schema lets its values become, as Kubernetes reckons: what it does not bound a request does. */
export type Declared = {
  readonly maxElements: number
  /** The shortest JSON of one. */
  readonly minLength: number
  readonly fields?: ReadonlyMap<string, Declared>
  readonly key?: Declared
  readonly value?: Declared
}

/** Kubernetes' largest request; what the hub takes is no more. */
export const requestBytes = 3 * 1024 * 1024
/** The longest `"9999-12-31T23:59:59.999999999Z"`, and what Kubernetes grants a duration. */
const longestTime = 32
const date = '"2006-01-02"'.length
const shortestTime = 21

const key: Declared = { maxElements: 0, minLength: 2 }

// A memo, not state: schemas never change.
const known = {
  inner: new WeakMap<JsonSchema, { readonly size: Declared | undefined }>(),
  whole: new WeakMap<JsonSchema, { readonly size: Declared | undefined }>(),
}

/** Undefined for what expressions see nothing of. */
export function declaredSize(schema: JsonSchema, isWhole = isEmbedded(schema)): Declared | undefined {
  const memo = isWhole ? known.whole : known.inner
  let found = memo.get(schema)
  if (found === undefined) memo.set(schema, (found = { size: made(schema, isWhole) }))
  return found.size
}

function made(schema: JsonSchema, isWhole: boolean): Declared | undefined {
  const { maxLength } = schema
  // Four bytes a character.
  const characters = maxLength === undefined ? requestBytes - 2 : Math.max(0, maxLength) * 4
  if (isIntOrString(schema)) return { maxElements: characters, minLength: 1 }
  switch (schema.type) {
    case 'object':
      return ofObject(schema, isWhole)
    case 'array': {
      const value = schema.items === undefined ? undefined : declaredSize(schema.items)
      if (value === undefined) return undefined
      const maxElements =
        schema.maxItems === undefined ? Math.floor((requestBytes - 2) / (value.minLength + 1)) : Math.max(0, schema.maxItems)
      return { maxElements, minLength: 2, value }
    }
    case 'string':
      return ofText(schema, characters)
    case 'boolean':
      return { maxElements: 0, minLength: 4 }
    case 'integer':
    case 'number':
      return { maxElements: 0, minLength: 1 }
    case undefined:
      return undefined
    default:
      return schema.type satisfies never
  }
}

function ofObject(schema: JsonSchema, isWhole: boolean): Declared | undefined {
  const { additionalProperties, maxProperties, required = [] } = schema
  if (typeof additionalProperties === 'object') {
    const value = declaredSize(additionalProperties)
    if (value === undefined) return undefined
    const fitting = Math.floor((requestBytes - 2) / (value.minLength + 6))
    return { maxElements: maxProperties === undefined ? fitting : Math.max(0, maxProperties), minLength: 2, key, value }
  }
  const fields = new Map<string, Declared>()
  const isRequired = new Set(required)
  let minLength = 2
  for (const [escaped, { name, schema: member }] of fieldsOf(schema, isWhole)) {
    const field = declaredSize(member)
    if (field === undefined) continue
    fields.set(escaped, field)
    if (isRequired.has(name) && (member.default ?? undefined) === undefined) minLength += name.length + field.minLength + 4
  }
  return { maxElements: 0, minLength, fields }
}

function ofText({ format, maxLength, enum: values }: JsonSchema, characters: number): Declared {
  switch (format) {
    case 'byte':
      return { maxElements: maxLength === undefined ? requestBytes - 2 : Math.max(0, maxLength), minLength: 2 }
    case 'duration':
      return { maxElements: longestTime, minLength: 3 }
    case 'date':
      return { maxElements: date, minLength: date }
    case 'date-time':
      return { maxElements: longestTime, minLength: shortestTime }
    default:
      break
  }
  if (maxLength !== undefined || values === undefined || values.length === 0) return { maxElements: characters, minLength: 2 }
  return { maxElements: Math.max(...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0))), minLength: 2 }
}
