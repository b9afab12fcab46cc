import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { fieldTooLong, fieldTooMany } from '../../kinds/rules/field-errors.ts'
import { formatCheck } from './formats.ts'
import type { JsonSchema } from './json-schema.ts'
import { childPath, noField, type Place, spend } from './place.ts'
import { wrongType } from './type-check.ts'
import { hasDuplicates } from './unique.ts'

export function stringErrors(schema: JsonSchema, value: string, place: Place): readonly FieldError[] {
  const { path } = place
  const { maxLength, minLength, pattern, format, type } = schema
  const errors: FieldError[] = []
  if (maxLength !== undefined && isLonger(value, maxLength)) errors.push(fieldTooLong(path, maxLength))
  if (minLength !== undefined && minLength > 0 && !isLonger(value, minLength - 1))
    errors.push(fieldInvalid(path, value, `${path} in body should be at least ${minLength} chars long`))
  if (pattern !== undefined) {
    const compiled = place.patterns.get(pattern)
    spend(place, compiled?.stepsFor(value) ?? 0)
    if (compiled?.matches(value) !== true) errors.push(fieldInvalid(path, value, `${path} in body should match '${pattern}'`))
  }
  const isOfFormat = format === undefined || (type !== undefined && type !== 'string') ? undefined : formatCheck(format)
  if (isOfFormat?.(value) === false) errors.push(wrongType(path, format ?? '', value))
  return errors
}

/** In characters, as people count them: a pair of surrogates is one. */
function isLonger(text: string, characters: number): boolean {
  if (text.length <= characters) return false
  if (text.length > characters * 2) return true
  let count = 0
  for (const _ of text) if (++count > characters) return true
  return false
}

export function numberErrors(schema: JsonSchema, value: number | bigint, path: string): readonly FieldError[] {
  const { type, format, multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = schema
  const errors: FieldError[] = []
  const tell = (what: string) => errors.push(fieldInvalid(path, value, `${path} in body should be ${what}`))
  if (type === 'integer' && isOutOfRange(value, format)) {
    const named = format === 'int32' || format === 'int64' ? `with format ${format}` : '(default format)'
    errors.push(fieldInvalid(noField, '', `Checked value must be of type integer ${named} in ${path}`))
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) tell(`a multiple of ${multipleOf}`)
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    tell(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    tell(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  return errors
}

function isOutOfRange(value: number | bigint, format: string | undefined): boolean {
  if (typeof value === 'number' && !Number.isInteger(value)) return false // of the wrong type, which is told
  const end = format === 'int32' ? 2n ** 31n : 2n ** 63n
  return value >= end || value < -end
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (Number.isSafeInteger(factor) && (typeof value === 'bigint' || Number.isSafeInteger(value)))
    return BigInt(value) % BigInt(factor) === 0n
  const times = Number(value) / factor
  // 0.3 is a multiple of 0.1, whatever their binary fractions say.
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times))
}

export function listErrors(
  { minItems, maxItems, uniqueItems }: JsonSchema,
  value: readonly unknown[],
  place: Place,
): readonly FieldError[] {
  const { path } = place
  const errors: FieldError[] = []
  if (minItems !== undefined && value.length < minItems)
    errors.push(fieldInvalid(path, value.length, `${path} in body should have at least ${minItems} items`))
  if (maxItems !== undefined && value.length > maxItems) errors.push(fieldTooMany(path, value.length, maxItems))
  if (uniqueItems === true && hasDuplicates(value)) errors.push(fieldInvalid(path, '', `${path} in body shouldn't contain duplicates`))
  return errors
}

/** `count`: of how many members it has, which if told is all that is told. `required`: of those that are missing. */
export function objectErrors({ minProperties, maxProperties, required = [] }: JsonSchema, value: object, path: string) {
  const count = Object.keys(value).length
  const errors: FieldError[] = []
  if (minProperties !== undefined && count < minProperties)
    errors.push(fieldInvalid(path, count, `${path} in body should have at least ${minProperties} properties`))
  else if (maxProperties !== undefined && count > maxProperties) errors.push(fieldTooMany(path, count, maxProperties))
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => fieldRequired(childPath(path, name)))
  return { count: errors, required: missing }
}
