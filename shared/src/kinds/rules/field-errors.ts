import { exactJson } from '../../json/exact-json.ts'
import { type FieldError, fieldInvalid, fieldRequired, wordedLater } from '../../api/api-error.ts'
import { type NameCheck, checkLabelValue, checkQualifiedName } from '../../meta/names.ts'

export const fieldNotFound = (field: string, value: unknown): FieldError =>
  wordedLater('FieldValueNotFound', field, () => `Not found: ${exactJson(value)}`)

export const fieldTooLong = (field: string, maxBytes: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxBytes} bytes`,
})

export const fieldTooMany = (field: string, count: number, most: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${count}: must have at most ${most} items`,
})

/** As `fieldInvalid`, of a part that is too large to be shown. */
export const fieldWrong = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
})

/** One error for each complaint of a name check. */
export const checked = (field: string, value: string, check: NameCheck): FieldError[] =>
  check(value).map((complaint) => fieldInvalid(field, value, complaint))

/** As `checked`, but an empty value is a missing one. */
export const requiredAndChecked = (field: string, value: string | undefined, check: NameCheck): FieldError[] =>
  value === undefined || value === '' ? [fieldRequired(field)] : checked(field, value, check)

export const required = (field: string, value: string | undefined, detail = ''): FieldError[] =>
  value === undefined || value === '' ? [fieldRequired(field, detail)] : []

export const notNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [fieldInvalid(field, value, 'must be greater than or equal to 0')] : []

export const within = (field: string, value: number | undefined, min: number, max: number): FieldError[] =>
  value !== undefined && (value < min || value > max) ? [fieldInvalid(field, value, `must be between ${min} and ${max}, inclusive`)] : []

export const immutable = (field: string, value: unknown): FieldError => fieldInvalid(field, value, 'field is immutable')

export function validateLabels(field: string, labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...checked(field, key, checkQualifiedName),
    ...checked(field, value, checkLabelValue),
  ])
}

const annotationsLimitBytes = 256 * 1024

export function validateAnnotations(field: string, annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    // Capitals in the prefix of an annotation are allowed, unlike in that of a label.
    ...entries.flatMap(([key]) => checkQualifiedName(key.toLowerCase()).map((complaint) => fieldInvalid(field, key, complaint))),
    ...(size > annotationsLimitBytes ? [fieldTooLong(field, annotationsLimitBytes)] : []),
  ]
}

/** The indexes of the values that stood in the list before. */
export function duplicatesOf(values: readonly (string | undefined)[]): number[] {
  const seen = new Set<string>()
  return values.flatMap((value, index) => {
    if (value === undefined || value === '') return []
    if (seen.has(value)) return [index]
    seen.add(value)
    return []
  })
}
