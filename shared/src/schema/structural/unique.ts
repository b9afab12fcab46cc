import { fieldDuplicate, fieldInvalid } from '../../api/api-error.ts'
import { setOwn } from '../../json/own.ts'
import { canonical } from './canonical.ts'
import { type JsonSchema, memberSchema } from './json-schema.ts'
import { childPath, keyPath } from './paths.ts'
import { isFull, type Place, tell } from './place.ts'
import { pay, payForWhole } from './work.ts'

/** That what `x-kubernetes-list-type` calls a set or a map is one: no element, or no key, twice. */
export function listTypeErrors(schema: JsonSchema, value: unknown, place: Place): void {
  if (typeof value !== 'object' || value === null || isFull(place.errors)) return
  pay(place.work, 1)
  if (Array.isArray(value)) {
    const { items } = schema
    ownErrors(schema, value, place)
    if (items !== undefined) value.forEach((item, index) => listTypeErrors(items, item, { ...place, path: `${place.path}[${index}]` }))
    return
  }
  const members = Object.entries(value)
  pay(place.work, members.length)
  for (const [name, member] of members) {
    const known = memberSchema(schema, name)
    if (known === undefined) continue
    const isNamed = schema.properties !== undefined && Object.hasOwn(schema.properties, name)
    listTypeErrors(known, member, { ...place, path: isNamed ? childPath(place.path, name) : keyPath(place.path, name) })
  }
}

function ownErrors(schema: JsonSchema, list: readonly unknown[], place: Place): void {
  const type = schema['x-kubernetes-list-type']
  if (type === 'set') return repeated(list, place)
  if (type !== 'map') return
  const odd = list.findIndex((item) => item !== null && (typeof item !== 'object' || Array.isArray(item)))
  if (odd >= 0)
    return tell(place, () => fieldInvalid(`${place.path}[${odd}]`, list[odd], 'must be an object for an array of list-type map'))
  const names = schema['x-kubernetes-list-map-keys'] ?? []
  pay(place.work, list.length * names.length)
  repeated(
    list.map((item) => keyOf(item as object | null, names)), // looked at above
    place,
  )
}

function keyOf(item: object | null, names: readonly string[]): object {
  const key: Record<string, unknown> = {}
  for (const name of names)
    if (item !== null && Object.hasOwn(item, name)) setOwn(key, name, (item as Readonly<Record<string, unknown>>)[name])
  return key
}

/** Told once of each value, at its second place. */
function repeated(values: readonly unknown[], place: Place): void {
  payForWhole(place.work, values)
  const times = new Map<string, number>()
  for (const [index, value] of values.entries()) {
    const text = canonical(value)
    const before = times.get(text) ?? 0
    times.set(text, before + 1)
    if (before === 1) tell(place, () => fieldDuplicate(`${place.path}[${index}]`, value))
  }
}
