import { canonical } from '../canonical.ts'
import type { JsonSchema } from '../json-schema.ts'

/** What an item of a list was before: the one with the same keys, if the list has keys. */
export function itemsByKey(schema: JsonSchema, before: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []
  if (keys.length === 0 || !Array.isArray(before)) return () => undefined
  const keyOf = (item: unknown): string | undefined => {
    if (typeof item !== 'object' || item === null) return undefined
    const members = item as Readonly<Record<string, unknown>> // an object, by the line above
    return canonical(keys.map((key) => (Object.hasOwn(members, key) ? members[key] : null)))
  }
  const known = new Map(before.map((item: unknown) => [keyOf(item), item] as const))
  return (item) => {
    const key = keyOf(item)
    return key === undefined ? undefined : known.get(key)
  }
}
