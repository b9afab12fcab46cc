import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { isEmbedded, isIntOrString, isOpen, type JsonSchema } from './json-schema.ts'
import { listMapErrors } from './list-map-errors.ts'
import { counterpart, partsOf } from './parts-of.ts'

/**
 * What keeps a schema from being structural: one in which the type of every field stands outside of all alternatives, so that unknown
 * fields can be pruned, defaults filled in and lists merged by it. In the words of Kubernetes.
 */
export const structuralErrors = (schema: JsonSchema, path: string): readonly FieldError[] => [
  ...partErrors(schema, path, 'root'),
  ...missingErrors(schema, path),
]

type Level = 'root' | 'item' | 'field'

const whereEmpty: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function partErrors(schema: JsonSchema, path: string, level: Level): readonly FieldError[] {
  const { type, items, properties, additionalProperties } = schema
  const errors: FieldError[] = []
  if (type === 'array' && items === undefined) errors.push(fieldRequired(`${path}.items`, 'must be specified'))
  if (additionalProperties !== undefined) {
    const field = `${path}.additionalProperties`
    if (level === 'root') errors.push(fieldForbidden(field, 'must not be used at the root'))
    if (additionalProperties === false) errors.push(fieldForbidden(field, 'additionalProperties cannot be set to false'))
    if (properties !== undefined) errors.push(fieldForbidden(field, 'additionalProperties and properties are mutual exclusive'))
    if (isEmbedded(schema)) errors.push(fieldForbidden(field, 'must not be used if x-kubernetes-embedded-resource is set'))
  }
  errors.push(...typeRules(schema, path, level), ...extensionRules(schema, path), ...listMapErrors(schema, path))
  if (level === 'root' || isEmbedded(schema)) errors.push(...ownFieldRules(schema, path, level))
  for (const part of partsOf(schema, path)) {
    if (!part.isWithin) errors.push(...nestedErrors(part.schema, part.path, isTypeAllowed(schema, part.path.slice(path.length + 1))))
    else if (!(level === 'root' && part.path === `${path}.properties[metadata]`))
      errors.push(...partErrors(part.schema, part.path, part.path === `${path}.items` ? 'item' : 'field'))
  }
  return errors
}

function typeRules(schema: JsonSchema, path: string, level: Level): readonly FieldError[] {
  const { type } = schema
  const field = `${path}.type`
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    return [type === undefined ? fieldRequired(field, why) : fieldInvalid(field, type, why)]
  }
  if (type === undefined)
    return isOpen(schema) || (isIntOrString(schema) && level !== 'root') ? [] : [fieldRequired(field, whereEmpty[level])]
  return level === 'root' && type !== 'object' ? [fieldInvalid(field, type, 'must be object at the root')] : []
}

function extensionRules(schema: JsonSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  if (isIntOrString(schema)) {
    const why = 'must be false if x-kubernetes-int-or-string is true'
    if (isOpen(schema)) errors.push(fieldInvalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, why))
    if (isEmbedded(schema)) errors.push(fieldInvalid(`${path}.x-kubernetes-embedded-resource`, true, why))
    if (schema.type !== undefined)
      errors.push(fieldInvalid(`${path}.type`, schema.type, 'must be empty if x-kubernetes-int-or-string is true'))
  }
  if (isEmbedded(schema) && !isOpen(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const why = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(fieldRequired(`${path}.properties`, why))
  }
  if (schema['x-kubernetes-map-type'] !== undefined && schema.type !== 'object')
    errors.push(fieldInvalid(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-map-type is specified'))
  return errors
}

/** `apiVersion`, `kind` and `metadata` are the API's own: a schema may only say more about the name. */
function ownFieldRules({ properties = {} }: JsonSchema, path: string, level: Level): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['apiVersion', 'kind'] as const) {
    const type = properties[name]?.type
    if (properties[name] !== undefined && type !== 'string')
      errors.push(fieldInvalid(`${path}.properties[${name}].type`, type ?? '', 'must be string'))
  }
  const { metadata } = properties
  if (metadata === undefined) return errors
  const field = `${path}.properties[metadata]`
  if (metadata.type !== 'object') errors.push(fieldInvalid(`${field}.type`, metadata.type ?? '', 'must be object'))
  const { type: _type, description: _description, properties: own = {}, ...rest } = metadata
  const isMore = Object.keys(rest).length > 0 || Object.keys(own).some((name) => name !== 'name' && name !== 'generateName')
  if (level === 'root' && isMore)
    errors.push(fieldForbidden(field, 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
  return errors
}

/** An int-or-string may say once more, in an alternative, which two types it has. */
const isTypeAllowed = (schema: JsonSchema, place: string): boolean => isIntOrString(schema) && /^(?:anyOf|allOf\[0\])/.test(place)

const notNested = [
  ...['additionalProperties', 'default', 'title', 'description', 'nullable', 'x-kubernetes-preserve-unknown-fields'],
  ...['x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  'x-kubernetes-map-type',
] as const

/** Within an alternative stands what a value must be like, and nothing of its structure. */
function nestedErrors(schema: JsonSchema, path: string, mayHaveType: boolean): readonly FieldError[] {
  const errors: FieldError[] = []
  if (schema.type !== undefined && !mayHaveType) errors.push(fieldForbidden(`${path}.type`, 'must be empty to be structural'))
  for (const word of notNested)
    if (schema[word as keyof JsonSchema] !== undefined) errors.push(fieldForbidden(`${path}.${word}`, 'must be undefined to be structural'))
  if (schema.properties?.['metadata'] !== undefined)
    errors.push(fieldForbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'))
  for (const part of partsOf(schema, path)) errors.push(...nestedErrors(part.schema, part.path, mayHaveType && !part.isWithin))
  return errors
}

/** Every field that an alternative speaks of must stand outside of it as well. */
function missingErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  return partsOf(schema, path).flatMap((part) =>
    part.isWithin ? missingErrors(part.schema, part.path) : missingFrom(schema, part.schema, part.path, path),
  )
}

function missingFrom(structure: JsonSchema | undefined, nested: JsonSchema, path: string, at: string): readonly FieldError[] {
  if (structure === undefined) return [fieldRequired(at, `because it is defined in ${path}`)]
  return partsOf(nested, path).flatMap((part) =>
    part.isWithin
      ? missingFrom(counterpart(part, structure), part.schema, part.path, at + part.path.slice(path.length))
      : missingFrom(structure, part.schema, part.path, at),
  )
}
