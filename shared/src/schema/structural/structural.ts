import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { isEmbedded, isIntOrString, isOpen, type JsonSchema } from './json-schema.ts'
import { listTypeRules } from './list-type-rules.ts'
import { metadataRules, type MetaPlace } from './meta-rules.ts'
import { nestedRules } from './nested-rules.ts'
import { counterpart, isWithin, partPath, partsOf, type SchemaPart } from './parts-of.ts'
import { type ErrorList, newErrors, note } from './place.ts'

/**
 * What keeps a schema from being structural: one in which the type of every field stands outside of all alternatives, so that unknown
 * fields can be pruned, defaults filled in and lists merged by it. In the words of Kubernetes.
 */
export function structuralErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const errors = newErrors()
  partRules(schema, { path, level: 'root', meta: undefined }, errors)
  missingRules(schema, path, errors)
  return errors.found
}

type Level = 'root' | 'item' | 'field'
type Spot = { readonly path: string; readonly level: Level; readonly meta: MetaPlace | undefined }

const whereEmpty: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function partRules(schema: JsonSchema, { path, level, meta }: Spot, errors: ErrorList): void {
  const { type, items } = schema
  if (type === 'array' && items === undefined) note(errors, () => fieldRequired(`${path}.items`, 'must be specified'))
  additionalRules(schema, { path, level }, errors)
  typeRules(schema, { path, level }, errors)
  extensionRules(schema, path, errors)
  listTypeRules(schema, path, errors)
  metadataRules(schema, { path, isRoot: level === 'root', meta }, errors)
  const isTyped = namesTypes(schema)
  for (const part of partsOf(schema)) {
    const below = partPath(path, part)
    if (isWithin(part))
      partRules(
        part.schema,
        { path: below, level: part.word === 'items' ? 'item' : 'field', meta: metaOf(part, schema, { level, meta }) },
        errors,
      )
    else if (part.word === 'allOf')
      nestedRules(part.schema, below, errors, { mayNameTypes: part.index === 0 && namesTypes(part.schema), mayHaveRules: true })
    else if (part.word !== 'anyOf' || !isTyped) nestedRules(part.schema, below, errors)
  }
}

/** Within `metadata`, `apiVersion` and `kind` of an object of the API other rules hold. */
function metaOf({ word, name }: SchemaPart, schema: JsonSchema, { level, meta }: Pick<Spot, 'level' | 'meta'>): MetaPlace | undefined {
  if (
    word === 'properties' &&
    (name === 'metadata' || name === 'apiVersion' || name === 'kind') &&
    (level === 'root' || isEmbedded(schema))
  )
    return { noDefault: level === 'root' ? `in top-level ${name}` : undefined }
  if (meta !== undefined && word === 'additionalProperties') return { noDefault: 'inside additionalProperties applying to object metadata' }
  return meta
}

function additionalRules(schema: JsonSchema, { path, level }: Omit<Spot, 'meta'>, errors: ErrorList): void {
  const { properties = {}, additionalProperties } = schema
  if (additionalProperties === undefined) return
  const forbid = (why: string) => note(errors, () => fieldForbidden(`${path}.additionalProperties`, why))
  if (level === 'root') forbid('must not be used at the root')
  if (additionalProperties === false) forbid('additionalProperties cannot be set to false')
  if (additionalProperties !== true && Object.keys(properties).length > 0)
    forbid('additionalProperties and properties are mutual exclusive')
  if (isEmbedded(schema)) forbid('must not be used if x-kubernetes-embedded-resource is set')
}

function typeRules(schema: JsonSchema, { path, level }: Omit<Spot, 'meta'>, errors: ErrorList): void {
  const { type } = schema
  const field = `${path}.type`
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    note(errors, () => (type === undefined ? fieldRequired(field, why) : fieldInvalid(field, type, why)))
  } else if (type === undefined && !isOpen(schema) && !isIntOrString(schema)) note(errors, () => fieldRequired(field, whereEmpty[level]))
  if (level === 'root' && type !== undefined && type !== 'object')
    note(errors, () => fieldInvalid(field, type, 'must be object at the root'))
}

function extensionRules(schema: JsonSchema, path: string, errors: ErrorList): void {
  const open = 'x-kubernetes-preserve-unknown-fields'
  if (schema[open] === false) note(errors, () => fieldInvalid(`${path}.${open}`, false, 'must be true or undefined'))
  if (isIntOrString(schema)) {
    const why = 'must be false if x-kubernetes-int-or-string is true'
    if (isOpen(schema)) note(errors, () => fieldInvalid(`${path}.${open}`, true, why))
    if (isEmbedded(schema)) note(errors, () => fieldInvalid(`${path}.x-kubernetes-embedded-resource`, true, why))
  }
  if (isEmbedded(schema) && !isOpen(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    const why = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    note(errors, () => fieldRequired(`${path}.properties`, why))
  }
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    note(errors, () => fieldForbidden(`${path}.uniqueItems`, why))
  }
}

const intOrString = [{ type: 'integer' }, { type: 'string' }]

/** What has two types may say which ones in an alternative, alone or within the first of `allOf`. */
const namesTypes = (schema: JsonSchema | undefined): boolean => isSameJson(schema?.anyOf, intOrString)

/** Every field that an alternative speaks of must stand outside of it as well. */
function missingRules(schema: JsonSchema, path: string, errors: ErrorList): void {
  for (const part of partsOf(schema)) {
    const below = partPath(path, part)
    if (isWithin(part)) missingRules(part.schema, below, errors)
    else missingFrom({ structure: schema, at: path }, part.schema, below, errors)
  }
}

type Counterpart = { readonly structure: JsonSchema | undefined; readonly at: string }

function missingFrom({ structure, at }: Counterpart, nested: JsonSchema, path: string, errors: ErrorList): void {
  if (structure === undefined) return note(errors, () => fieldRequired(at, `because it is defined in ${path}`))
  for (const part of partsOf(nested)) {
    const other = isWithin(part) ? { structure: counterpart(part, structure), at: partPath(at, part) } : { structure, at }
    missingFrom(other, part.schema, partPath(path, part), errors)
  }
}
