import { type FieldError, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { exactJson } from '../../json/exact-json.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { JsonSchema } from './json-schema.ts'
import { childPath, mostSteps, noField, type Place, spend, TooManySteps } from './place.ts'
import { listErrors, numberErrors, objectErrors, stringErrors } from './checks-by-type.ts'
import { typeErrors } from './type-check.ts'
import type { Pattern } from './pattern.ts'

export type Checked = { readonly schema: JsonSchema; readonly patterns: ReadonlyMap<string, Pattern> }

/** What of a value its schema does not allow, in the words of Kubernetes. Defaults are filled in before. */
export function valueErrors({ schema, patterns }: Checked, value: unknown, path = ''): readonly FieldError[] {
  const errors: FieldError[] = []
  try {
    check(schema, value, { path, patterns, steps: { left: mostSteps } }, errors)
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error
    return [fieldInvalid(noField, '', `the object takes more than ${mostSteps} steps to be checked against its schema`)]
  }
  return errors
}

/** As many as are told, and one to know that there are more. */
const mostErrors = 101

function check(schema: JsonSchema, value: unknown, place: Place, errors: FieldError[]): void {
  if (errors.length >= mostErrors) return
  spend(place, 1)
  errors.push(...typeErrors(schema, value, place.path))
  if (value !== null) {
    checkCombined(schema, value, place, errors)
    if (typeof value === 'string') errors.push(...stringErrors(schema, value, place))
    else if (typeof value === 'number' || typeof value === 'bigint') errors.push(...numberErrors(schema, value, place.path))
    else if (Array.isArray(value)) {
      const { items } = schema
      if (items !== undefined)
        for (const [index, item] of value.entries()) check(items, item, { ...place, path: `${place.path}[${index}]` }, errors)
      errors.push(...listErrors(schema, value, place))
    }
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => isSameJson(allowed, value)))
    errors.push(fieldNotSupported(place.path, value, schema.enum.map(textOf)))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) checkObject(schema, value, place, errors)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : exactJson(value))

function checkObject(schema: JsonSchema, value: object, place: Place, errors: FieldError[]): void {
  const own = objectErrors(schema, value, place.path)
  errors.push(...own.count)
  if (own.count.length > 0) return
  const { properties = {}, additionalProperties } = schema
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
    if (typeof known === 'object') check(known, member, { ...place, path: childPath(place.path, name) }, errors)
  }
  errors.push(...own.required)
}

function checkCombined({ anyOf, oneOf, allOf, not }: JsonSchema, value: unknown, place: Place, errors: FieldError[]): void {
  const { path } = place
  if (anyOf !== undefined && anyOf.length > 0) {
    const { valid, best } = alternatives(anyOf, value, place, 1)
    if (valid === 0) errors.push(ofNoField(path, 'must validate at least one schema (anyOf)'), ...best)
  }
  if (oneOf !== undefined && oneOf.length > 0) {
    const { valid, best } = alternatives(oneOf, value, place)
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
    if (valid !== 1) errors.push(ofNoField(path, `must validate one and only one schema (oneOf). ${found}`), ...best)
  }
  if (allOf !== undefined) {
    const all = allOf.map((each) => errorsOf(each, value, place))
    const valid = all.filter((each) => each.length === 0).length
    errors.push(...all.flat())
    if (valid < all.length) errors.push(ofNoField(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`))
  }
  if (not !== undefined && errorsOf(not, value, place).length === 0) errors.push(ofNoField(path, 'must not validate the schema (not)'))
}

/** How many allow the value; if none does, the errors of the one that came furthest. */
function alternatives(schemas: readonly JsonSchema[], value: unknown, place: Place, enough = Infinity) {
  let valid = 0
  let best: readonly FieldError[] = []
  let furthest = 0
  for (const schema of schemas) {
    const before = place.steps.left
    const errors = errorsOf(schema, value, place)
    if (errors.length === 0 && ++valid >= enough) break
    const steps = before - place.steps.left
    if (errors.length > 0 && steps > furthest) [best, furthest] = [errors, steps]
  }
  return { valid, best: valid === 0 ? best : [] }
}

function errorsOf(schema: JsonSchema, value: unknown, place: Place): readonly FieldError[] {
  const errors: FieldError[] = []
  check(schema, value, place, errors)
  return errors
}

/** Kubernetes names the place within the text and no field. */
const ofNoField = (path: string, what: string): FieldError => fieldInvalid(noField, '', `${exactJson(path)} ${what}`)
