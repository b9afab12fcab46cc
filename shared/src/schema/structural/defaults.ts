import { setOwn } from '../../json/own.ts'
import { type JsonSchema, memberSchema } from './json-schema.ts'

/**
 * A copy of a value with what its schema fills in where nothing is given. A null where none may stand is nothing given; where one may
 * stand it is a value, and stays.
 */
export function withDefaults(schema: JsonSchema | undefined, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((item) => withDefaults(schema?.items, isNothing(schema?.items, item) ? (presetOf(schema?.items) ?? null) : item))
  const filled: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const known = schema === undefined ? undefined : memberSchema(schema, name)
    const given: unknown = isNothing(known, member) ? presetOf(known) : member
    if (given !== undefined) setOwn(filled, name, withDefaults(known, given))
  }
  for (const [name, known] of Object.entries(schema?.properties ?? {}))
    if (presetOf(known) !== undefined && !Object.hasOwn(filled, name)) setOwn(filled, name, withDefaults(known, presetOf(known)))
  return filled
}

const isNothing = (schema: JsonSchema | undefined, value: unknown): boolean =>
  value === undefined || (value === null && schema !== undefined && schema.nullable !== true)

/** A default of null is none, as in Kubernetes. */
const presetOf = (schema: JsonSchema | undefined): unknown => schema?.default ?? undefined
