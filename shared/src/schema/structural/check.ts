import { type FieldError, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { exactJson } from '../../json/exact-json.ts'
import { canonical } from './canonical.ts'
import type { Checked } from './checked.ts'
import { listErrors, numberErrors, objectErrors, stringErrors } from './checks-by-type.ts'
import { embeddedErrors } from './embedded.ts'
import type { JsonSchema } from './json-schema.ts'
import { limits } from './limits.ts'
import { childPath, noField } from './paths.ts'
import { type ErrorList, isFull, newErrors, type Place, tell } from './place.ts'
import { typeErrors } from './type-check.ts'
import { listTypeErrors } from './unique.ts'
import { newWork, pay, payForWhole, TooMuchWork, type Work } from './work.ts'

/** What of a value its schema does not allow, in the words of Kubernetes. Defaults are filled in before. */
export function valueErrors(checked: Checked, value: unknown, path = '', work: Work = newWork()): readonly FieldError[] {
  const errors = newErrors()
  const place: Place = { path, checked, work, errors }
  try {
    check(checked.schema, value, place)
    listTypeErrors(checked.schema, value, place)
    embeddedErrors(checked.schema, value, place)
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error
    return [tooMuchWork(path)]
  }
  return errors.found
}

export const tooMuchWork = (path: string): FieldError =>
  fieldInvalid(
    path === '' ? noField : path,
    '',
    `it takes more than ${limits.steps} steps to be checked against its schema: give it fewer or shorter values, or the schema fewer alternatives and simpler patterns`,
  )

function check(schema: JsonSchema, value: unknown, place: Place): void {
  if (isFull(place.errors)) return
  pay(place.work, 1)
  place.work.looks++
  typeErrors(schema, value, place)
  if (value !== null) {
    checkCombined(schema, value, place)
    if (typeof value === 'string') stringErrors(schema, value, place)
    else if (typeof value === 'number' || typeof value === 'bigint') numberErrors(schema, value, place)
    else if (Array.isArray(value)) {
      const { items } = schema
      if (items !== undefined) value.forEach((item, index) => check(items, item, { ...place, path: `${place.path}[${index}]` }))
      listErrors(schema, value, place)
    }
  }
  checkEnum(schema, value, place)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) checkObject(schema, value, place)
}

function checkEnum({ enum: allowed }: JsonSchema, value: unknown, place: Place): void {
  if (allowed === undefined) return
  payForWhole(place.work, value)
  if (place.checked.enums.get(allowed)?.has(canonical(value)) === true) return
  tell(place, () => fieldNotSupported(place.path, value, allowed))
}

function checkObject(schema: JsonSchema, value: object, place: Place): void {
  const { properties = {}, additionalProperties, minProperties, maxProperties } = schema
  if ((minProperties ?? maxProperties ?? schema.properties) !== undefined || typeof additionalProperties === 'object') {
    const names = Object.keys(value)
    pay(place.work, names.length)
    if (objectErrors.ofCount(schema, names.length, place)) return
    for (const name of names) {
      const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
      if (typeof known === 'object')
        check(known, (value as Readonly<Record<string, unknown>>)[name], { ...place, path: childPath(place.path, name) })
    }
  }
  objectErrors.ofRequired(schema, value, place)
}

function checkCombined({ anyOf, oneOf, allOf, not }: JsonSchema, value: unknown, place: Place): void {
  const { path } = place
  if (anyOf !== undefined && anyOf.length > 0) {
    const { valid, best } = alternatives(anyOf, value, place, 1)
    if (valid === 0) tellAll(place, ofNoField(path, 'must validate at least one schema (anyOf)'), best)
  }
  if (oneOf !== undefined && oneOf.length > 0) {
    const { valid, best } = alternatives(oneOf, value, place)
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
    if (valid !== 1) tellAll(place, ofNoField(path, `must validate one and only one schema (oneOf). ${found}`), best)
  }
  if (allOf !== undefined) {
    let valid = 0
    for (const each of allOf) {
      const before = place.errors.found.length
      check(each, value, place)
      if (place.errors.found.length === before) valid++
    }
    if (valid < allOf.length) tell(place, ofNoField(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`))
  }
  // The first error tells as much as all of them.
  if (not !== undefined && tried(not, value, place, 1).found.length === 0)
    tell(place, ofNoField(path, 'must not validate the schema (not)'))
}

/** How many allow the value; if none does, the errors of the one that came furthest. */
function alternatives(schemas: readonly JsonSchema[], value: unknown, place: Place, enough = Infinity) {
  let valid = 0
  let best: readonly FieldError[] = []
  let furthest = -1
  for (const schema of schemas) {
    const before = place.work.looks
    const { found } = tried(schema, value, place)
    if (found.length === 0 && ++valid >= enough) break
    const looks = place.work.looks - before
    if (found.length > 0 && looks > furthest) [best, furthest] = [found, looks]
  }
  return { valid, best: valid === 0 ? best : [] }
}

/** Without telling it to the place. */
function tried(schema: JsonSchema, value: unknown, place: Place, most?: number): ErrorList {
  const errors = newErrors(most)
  check(schema, value, { ...place, errors })
  return errors
}

function tellAll(place: Place, first: () => FieldError, others: readonly FieldError[]): void {
  tell(place, first)
  for (const error of others) tell(place, () => error)
}

/** Kubernetes names the place within the text and no field. */
const ofNoField = (path: string, what: string) => (): FieldError => fieldInvalid(noField, '', `${exactJson(path)} ${what}`)
