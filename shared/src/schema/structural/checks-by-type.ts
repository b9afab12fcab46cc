import { fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { fieldTooLong, fieldTooMany } from '../../kinds/rules/field-errors.ts'
import { formatCheck } from './formats.ts'
import type { JsonSchema } from './json-schema.ts'
import { childPath, noField } from './paths.ts'
import { type Place, tell } from './place.ts'
import { wrongType } from './type-check.ts'
import { pay, textSteps } from './work.ts'

export function stringErrors(schema: JsonSchema, value: string, place: Place): void {
  const { path, work } = place
  const { maxLength, minLength, pattern, format, type } = schema
  if (maxLength !== undefined && isLonger(value, maxLength, place)) tell(place, () => fieldTooLong(path, maxLength))
  if (minLength !== undefined && minLength > 0 && !isLonger(value, minLength - 1, place))
    tell(place, () => fieldInvalid(path, value, `${path} in body should be at least ${minLength} chars long`))
  if (pattern !== undefined && place.checked.patterns.get(pattern)?.matches(value, (steps) => pay(work, steps)) !== true)
    tell(place, () => fieldInvalid(path, value, `${path} in body should match '${pattern}'`))
  if (format === undefined || (type !== undefined && type !== 'string')) return
  pay(work, textSteps(value))
  if (formatCheck(format)?.(value) === false) tell(place, () => wrongType(path, format, value))
}

/** In characters, as people count them: a pair of surrogates is one. */
function isLonger(text: string, characters: number, { work }: Place): boolean {
  if (text.length <= characters) return false
  if (text.length > characters * 2) return true
  pay(work, textSteps(text))
  let count = 0
  for (let at = 0; at < text.length; at += isPair(text, at) ? 2 : 1) if (++count > characters) return true
  return false
}

function isPair(text: string, at: number): boolean {
  if ((text.charCodeAt(at) & 0xfc00) !== 0xd800 || at + 1 === text.length) return false
  return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}

export function numberErrors(schema: JsonSchema, value: number | bigint, place: Place): void {
  const { path } = place
  const { type, format, multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = schema
  const refuse = (what: string) => tell(place, () => fieldInvalid(path, value, `${path} in body should be ${what}`))
  if (type === 'integer' && isOutOfRange(value, format)) {
    const named = format === 'int32' || format === 'int64' ? `with format ${format}` : '(default format)'
    tell(place, () => fieldInvalid(noField, '', `Checked value must be of type integer ${named} in ${path}`))
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) refuse(`a multiple of ${multipleOf}`)
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
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

export function listErrors({ minItems, maxItems }: JsonSchema, value: readonly unknown[], place: Place): void {
  const { path } = place
  if (minItems !== undefined && value.length < minItems)
    tell(place, () => fieldInvalid(path, value.length, `${path} in body should have at least ${minItems} items`))
  if (maxItems !== undefined && value.length > maxItems) tell(place, () => fieldTooMany(path, value.length, maxItems))
}

export const objectErrors = {
  /** Of how many members it has: whether that is wrong, which is then all that is told. */
  ofCount({ minProperties, maxProperties }: JsonSchema, count: number, place: Place): boolean {
    const { path } = place
    if (minProperties !== undefined && count < minProperties)
      tell(place, () => fieldInvalid(path, count, `${path} in body should have at least ${minProperties} properties`))
    else if (maxProperties !== undefined && count > maxProperties) tell(place, () => fieldTooMany(path, count, maxProperties))
    else return false
    return true
  },
  /** Of those that are missing. */
  ofRequired({ required = [] }: JsonSchema, value: object, place: Place): void {
    pay(place.work, required.length)
    for (const name of required) if (!Object.hasOwn(value, name)) tell(place, () => fieldRequired(childPath(place.path, name)))
  },
}
