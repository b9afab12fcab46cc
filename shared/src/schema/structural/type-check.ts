import { type FieldError, shownValue } from '../../api/api-error.ts'
import { isIntOrString, type JsonSchema } from './json-schema.ts'
import { noField } from './paths.ts'
import { type Place, tell } from './place.ts'

/** That a value is of its schema's JSON type. */
export function typeErrors(schema: JsonSchema, value: unknown, place: Place): void {
  const refuse = (wanted: string, found: string) => tell(place, () => wrongType(place.path, wanted, found))
  const types: readonly string[] = isIntOrString(schema) ? ['integer', 'string'] : schema.type === undefined ? [] : [schema.type]
  const format = formatOf(schema)
  if (value === null) return types.length > 0 && schema.nullable !== true ? refuse(types.join(','), 'null') : undefined
  const found = jsonTypeOf(value)
  if (types.includes(found.type) || (found.type === 'integer' && types.includes('number'))) return
  if (found.type !== 'string' && found.type !== 'array' && format !== undefined)
    return found.format === format ? undefined : refuse(format, found.format)
  if (types.length > 0) refuse(types.join(','), found.type)
}

/** The format that counts: that of a number is one of two, of other types than texts and numbers none counts. */
function formatOf({ type, format }: JsonSchema): string | undefined {
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : undefined
  if (type === 'number') return format === 'float' || format === 'double' ? format : undefined
  return type === 'string' ? format : undefined
}

/** In the names of Kubernetes, which tells in the value what was found instead. */
export const wrongType = (path: string, wanted: string, found: string): FieldError => ({
  reason: 'FieldValueTypeInvalid',
  field: path === '' ? noField : path,
  message: `Invalid value: ${shownValue(found)}: ${path} in body must be of type ${wanted}: ${shownValue(found)}`,
})

function jsonTypeOf(value: unknown): { readonly type: string; readonly format: string } {
  if (Array.isArray(value)) return { type: 'array', format: '' }
  switch (typeof value) {
    case 'string':
      return { type: 'string', format: '' }
    case 'boolean':
      return { type: 'boolean', format: '' }
    case 'bigint':
      return { type: 'integer', format: 'int64' }
    case 'number':
      return Number.isSafeInteger(value) ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'float64' }
    default:
      return { type: 'object', format: '' }
  }
}
