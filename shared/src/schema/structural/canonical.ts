import { exactJson } from '../../json/exact-json.ts'
import { setOwn } from '../../json/own.ts'

/** The same text for the same JSON value, in whatever order its members stand. */
export const canonical = (value: unknown): string => exactJson(sorted(value))

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) setOwn(copy, name, sorted(member))
  return copy
}
