import { type FieldError, fieldDuplicate, fieldInvalid } from '../../api/api-error.ts'
import { exactJson } from '../../json/exact-json.ts'
import { setOwn } from '../../json/own.ts'
import type { JsonSchema } from './json-schema.ts'
import { memberSchema } from './json-schema.ts'

/** Whether two of the values say the same. */
export const hasDuplicates = (values: readonly unknown[]): boolean => new Set(values.map(canonical)).size < values.length

/** That what `x-kubernetes-list-type` calls a set or a map is one: no element, or no key, twice. */
export function listTypeErrors(schema: JsonSchema, value: unknown, path = ''): readonly FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema
    return [
      ...ownErrors(schema, value, path),
      ...(items === undefined ? [] : value.flatMap((item, index) => listTypeErrors(items, item, `${path}[${index}]`))),
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const known = memberSchema(schema, name)
    if (known === undefined) return []
    const isNamed = schema.properties !== undefined && Object.hasOwn(schema.properties, name)
    return listTypeErrors(known, member, isNamed ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`)
  })
}

function ownErrors(schema: JsonSchema, list: readonly unknown[], path: string): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type']
  if (type === 'set') return repeated(list, path)
  if (type !== 'map') return []
  const odd = list.findIndex((item) => item !== null && (typeof item !== 'object' || Array.isArray(item)))
  if (odd >= 0) return [fieldInvalid(`${path}[${odd}]`, list[odd], 'must be an object for an array of list-type map')]
  const names = schema['x-kubernetes-list-map-keys'] ?? []
  return repeated(
    list.map((item) => keyOf(item as object | null, names)), // looked at above
    path,
  )
}

function keyOf(item: object | null, names: readonly string[]): object {
  const key: Record<string, unknown> = {}
  for (const name of names)
    if (item !== null && Object.hasOwn(item, name)) setOwn(key, name, (item as Readonly<Record<string, unknown>>)[name])
  return key
}

/** Told once of each value, at its second place. */
function repeated(values: readonly unknown[], path: string): readonly FieldError[] {
  const times = new Map<string, number>()
  return values.flatMap((value, index) => {
    const text = canonical(value)
    const before = times.get(text) ?? 0
    times.set(text, before + 1)
    return before === 1 ? [fieldDuplicate(`${path}[${index}]`, value)] : []
  })
}

/** The same text for the same JSON value, in whatever order its members stand. */
const canonical = (value: unknown): string => exactJson(sorted(value))

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) setOwn(copy, name, sorted(member))
  return copy
}
