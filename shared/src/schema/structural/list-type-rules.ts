import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'
import { keyPath } from './paths.ts'
import { type ErrorList, note } from './place.ts'

const word = { list: 'x-kubernetes-list-type', keys: 'x-kubernetes-list-map-keys', map: 'x-kubernetes-map-type' } as const

/** That a list or a map can be of the type that an extension calls it: the elements of a set are whole, the keys of a map are scalars that each element has. */
export function listTypeRules(schema: JsonSchema, path: string, errors: ErrorList): void {
  const { type, items } = schema
  const listType = schema[word.list]
  const keys = schema[word.keys] ?? []
  const mapType = schema[word.map]
  if (mapType !== undefined && type !== 'object') note(errors, () => typeError(path, type, `must be object if ${word.map} is specified`))
  if (listType !== undefined && type !== 'array') note(errors, () => typeError(path, type, `must be array if ${word.list} is specified`))
  else if (listType === 'set' && items !== undefined) setRules(items, `${path}.items`, errors)
  if (keys.length > 0 && listType !== 'map') {
    const why = `must be map if ${word.keys} is non-empty`
    note(errors, () =>
      listType === undefined ? fieldRequired(`${path}.${word.list}`, why) : fieldInvalid(`${path}.${word.list}`, listType, why),
    )
  }
  if ((listType === 'set' || listType === 'map') && items?.nullable === true)
    note(errors, () => fieldForbidden(`${path}.items.nullable`, `cannot be nullable when ${word.list} is ${listType}`))
  if (listType === 'map') mapRules(schema, path, errors)
}

const typeError = (path: string, type: string | undefined, why: string): FieldError =>
  type === undefined ? fieldRequired(`${path}.type`, why) : fieldInvalid(`${path}.type`, type, why)

function setRules(items: JsonSchema, path: string, errors: ErrorList): void {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const { [word.list]: listType, [word.map]: mapType } = items
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    note(errors, () => fieldInvalid(`${path}.${word.list}`, listType, why))
  if (items.type === 'object' && mapType !== 'atomic') note(errors, () => fieldInvalid(`${path}.${word.map}`, mapType ?? null, why))
}

function mapRules({ items, [word.keys]: keys = [] }: JsonSchema, path: string, errors: ErrorList): void {
  if (keys.length === 0) note(errors, () => fieldRequired(`${path}.${word.keys}`, `must not be empty if ${word.list} is map`))
  if (items === undefined) return note(errors, () => fieldRequired(`${path}.items`, `must have a schema if ${word.list} is map`))
  if (items.type !== 'object')
    return note(errors, () => fieldInvalid(`${path}.items.type`, items.type ?? '', `must be object if parent array's ${word.list} is map`))
  const required = new Set(items.required)
  const seen = new Set<string>()
  for (const key of keys) {
    const field = keyPath(`${path}.items.properties`, key)
    const { properties = {} } = items
    const member = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (member?.type === 'array' || member?.type === 'object')
      note(errors, () => fieldInvalid(`${field}.type`, member.type, `must be a scalar type if parent array's ${word.list} is map`))
    if (member === undefined) note(errors, () => fieldInvalid(`${path}.${word.keys}`, keys, 'entries must all be names of item properties'))
    if (seen.has(key)) note(errors, () => fieldInvalid(`${path}.${word.keys}`, keys, 'must not contain duplicate entries'))
    seen.add(key)
    if (member === undefined) continue
    const inKeys = `this property is in ${word.keys}, so it`
    if (!required.has(key) && (member.default ?? undefined) === undefined)
      note(errors, () => fieldRequired(`${field}.default`, `${inKeys} must have a default or be a required property`))
    if (member.nullable === true) note(errors, () => fieldForbidden(`${field}.nullable`, `${inKeys} cannot be nullable`))
  }
}
