import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'

/** That a list with an `x-kubernetes-list-type` can be one: the keys of a map are scalars that each element has. */
export function listMapErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  const keysField = `${path}.x-kubernetes-list-map-keys`
  if (listType !== undefined && schema.type !== 'array')
    return [fieldInvalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified')]
  if (listType !== 'map') return keys === undefined ? [] : [fieldForbidden(keysField, 'must be empty if x-kubernetes-list-type is not map')]
  if (keys === undefined || keys.length === 0) return [fieldRequired(keysField, 'must not be empty if x-kubernetes-list-type is map')]
  const { items } = schema
  if (items?.type !== 'object') return [fieldInvalid(`${path}.items.type`, items?.type ?? '', 'must be object if parent array type is map')]
  return keys.flatMap((key, index) => {
    const member = items.properties?.[key]
    if (keys.indexOf(key) < index) return [fieldInvalid(`${keysField}[${index}]`, key, 'must be unique')]
    if (member === undefined) return [fieldInvalid(`${keysField}[${index}]`, key, 'must name a property in items')]
    const field = `${path}.items.properties[${key}]`
    if (member.type === 'array' || member.type === 'object')
      return [fieldInvalid(`${field}.type`, member.type, 'must be a scalar type if parent array type is map')]
    const isThere = items.required?.includes(key) === true || (member.default ?? undefined) !== undefined
    const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
    return isThere ? [] : [fieldRequired(`${field}.default`, why)]
  })
}
