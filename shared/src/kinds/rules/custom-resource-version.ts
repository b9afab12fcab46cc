import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { CustomResourceVersion, PrinterColumn } from '../../types/custom-resource-definition.ts'
import { isObject } from '../../json/is-object.ts'
import type { JsonSchemaProps } from '../../types/json-schema-props.ts'
import { fieldTooMany, fieldWrong } from './field-errors.ts'

/** In Go's names and order. */
const atRoot = [
  ...['description', 'type', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength'],
  ...['pattern', 'maxItems', 'minItems', 'uniqueItems', 'multipleOf', 'required', 'items', 'properties', 'externalDocs', 'example'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'],
]
const namesInGo = atRoot.map(
  (word) =>
    (word.startsWith('x-') ? 'X' : '') +
    word.replace('x-kubernetes-', '').replace(/(^|-)(\w)/g, (_, _dash, first: string) => first.toUpperCase()),
)

/** Of what has a status of its own the rest is checked without it, so at the root may stand only what that leaves as it is. */
export function rootErrors(at: string, schema: JsonSchemaProps, hasStatus: boolean): readonly FieldError[] {
  if (!hasStatus) return []
  const field = `${at}.openAPIV3Schema`
  const type = schema['type'] ?? ''
  if (type !== '' && type !== 'object')
    return [
      fieldInvalid(
        `${field}.type`,
        type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ]
  return Object.keys(schema).every((word) => atRoot.includes(word))
    ? []
    : [
        fieldWrong(
          field,
          `{…}: only [${namesInGo.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
        ),
      ]
}

export function subresourceErrors(at: string, subresources: CustomResourceVersion['subresources']): readonly FieldError[] {
  const { scale } = subresources ?? {}
  if (scale === undefined) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale
  const under = (name: string, path: string, roots: readonly string[], where: string) => {
    const field = `${at}.scale.${name}`
    const errors = pathErrors(field, path)
    return errors.length > 0 || roots.some((root) => path.startsWith(root))
      ? errors
      : [fieldInvalid(field, path, `should be a json path under ${where}`)]
  }
  return [
    ...(specReplicasPath === ''
      ? [fieldRequired(`${at}.scale.specReplicasPath`)]
      : under('specReplicasPath', specReplicasPath, ['.spec.'], '.spec')),
    ...(statusReplicasPath === ''
      ? [fieldRequired(`${at}.scale.statusReplicasPath`)]
      : under('statusReplicasPath', statusReplicasPath, ['.status.'], '.status')),
    ...(labelSelectorPath === '' ? [] : under('labelSelectorPath', labelSelectorPath, ['.spec.', '.status.'], 'either .spec or .status')),
  ]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export const columnErrors = (at: string, columns: readonly PrinterColumn[] = []): readonly FieldError[] =>
  columns.flatMap(({ name, type, format = '', jsonPath }, index) => {
    const field = `${at}[${index}]`
    const types = `must be one of ${columnTypes.join(',')}`
    return [
      ...(name === '' ? [fieldRequired(`${field}.name`)] : []),
      ...(type === '' ? [fieldRequired(`${field}.type`, types)] : []),
      ...(type === '' || columnTypes.includes(type) ? [] : [fieldInvalid(`${field}.type`, type, types)]),
      ...(format === '' || columnFormats.includes(format)
        ? []
        : [fieldInvalid(`${field}.format`, format, `must be one of ${columnFormats.join(',')}`)]),
      ...(jsonPath === '' ? [fieldRequired(`${field}.JSONPath`)] : pathErrors(`${field}.JSONPath`, jsonPath)),
    ]
  })

const pathErrors = (field: string, path: string): readonly FieldError[] =>
  path.startsWith('.') ? [] : [fieldInvalid(field, path, 'must be a simple json path starting with .')]

const maxSelectable = 8

/** Each is a scalar that the schema names. */
export function selectableErrors(
  at: string,
  fields: CustomResourceVersion['selectableFields'] = [],
  schema: JsonSchemaProps = {},
): readonly FieldError[] {
  const seen = new Set<string>()
  const errors = fields.flatMap(({ jsonPath }, index) => {
    const field = `${at}[${index}].jsonPath`
    if (jsonPath === '') return [fieldRequired(field)]
    const why = selectableProblem(jsonPath, schema)
    if (why !== undefined) return [fieldInvalid(field, jsonPath, why)]
    if (seen.has(jsonPath)) return [fieldDuplicate(field, jsonPath)]
    seen.add(jsonPath)
    return []
  })
  return fields.length > maxSelectable ? [...errors, fieldTooMany(at, fields.length, maxSelectable)] : errors
}

function selectableProblem(path: string, schema: JsonSchemaProps): string | undefined {
  if (!path.startsWith('.')) return `is an invalid path: expected [ or . but got: ${path}`
  if (path.includes('[')) return 'is an invalid path: array notation is not allowed'
  let at: unknown = schema
  const steps = path.slice(1).split('.')
  if (steps[0] === 'metadata') return 'is an invalid path: does not refer to a valid field'
  for (const step of steps) {
    const properties = isObject(at) ? (at as JsonSchemaProps)['properties'] : undefined
    at = isObject(properties) && Object.hasOwn(properties, step) ? (properties as JsonSchemaProps)[step] : undefined
    if (at === undefined) return 'is an invalid path: does not refer to a valid field'
  }
  const { type } = at as JsonSchemaProps // a schema, as the last step found one
  return ['string', 'boolean', 'integer'].includes(String(type))
    ? undefined
    : 'must point to a field of type string, boolean or integer. enum string fields and strings with formats are allowed.'
}
