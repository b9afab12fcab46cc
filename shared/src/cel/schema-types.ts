import { isEmbedded, isIntOrString, type JsonSchema } from '../schema/structural/json-schema.ts'
import { fieldsOf } from './schema-fields.ts'
import * as t from './types.ts'
import type { CelType } from './types.ts'

// A memo, not state: schemas never change, and one schema is one type.
const known = {
  inner: new WeakMap<JsonSchema, { readonly type: CelType | undefined }>(),
  whole: new WeakMap<JsonSchema, { readonly type: CelType | undefined }>(),
}

/** What an expression sees of a schema; nothing of what has no schema itself. `isWhole`: it is of an object of the API. */
export function celTypeOf(schema: JsonSchema, isWhole = isEmbedded(schema)): CelType | undefined {
  const memo = isWhole ? known.whole : known.inner
  let found = memo.get(schema)
  if (found === undefined) memo.set(schema, (found = { type: made(schema, isWhole) }))
  return found.type
}

function made(schema: JsonSchema, isWhole: boolean): CelType | undefined {
  if (isIntOrString(schema)) return t.dyn
  switch (schema.type) {
    case 'object': {
      const { additionalProperties } = schema
      if (typeof additionalProperties === 'object') {
        const value = celTypeOf(additionalProperties)
        return value === undefined ? undefined : t.mapOf(t.string, value)
      }
      const fields = new Map<string, CelType>()
      for (const [name, { schema: member }] of fieldsOf(schema, isWhole)) {
        const type = celTypeOf(member)
        if (type !== undefined) fields.set(name, type)
      }
      return { tag: 'object', name: 'object', fields }
    }
    case 'array': {
      const item = schema.items === undefined ? undefined : celTypeOf(schema.items)
      return item === undefined ? undefined : t.listOf(item)
    }
    case 'string':
      return textType(schema.format)
    case 'integer':
      return t.int
    case 'number':
      return t.double
    case 'boolean':
      return t.bool
    case undefined:
      return undefined
    default:
      return schema.type satisfies never
  }
}

function textType(format: string | undefined): CelType {
  switch (format) {
    case 'byte':
      return t.bytes
    case 'duration':
      return t.duration
    case 'date':
    case 'date-time':
      return t.timestamp
    default:
      return t.string
  }
}
