import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { type IntOrString, percentOf } from '../../meta/int-or-string.ts'
import { notNegative } from './field-errors.ts'

/** A number of pods, or a percentage of them. */
export function validateShare(field: string, share: IntOrString): FieldError[] {
  if (typeof share === 'number') return notNegative(field, share)
  return percentOf(share) === undefined ? [fieldInvalid(field, share, percentMessage)] : []
}

export const notMoreThanAll = (field: string, share: IntOrString): FieldError[] =>
  (percentOf(share) ?? 0) > 100 ? [fieldInvalid(field, share, 'must not be greater than 100%')] : []

/** A text that is neither counts as nothing, as in Kubernetes. */
export const isNone = (share: IntOrString): boolean =>
  (typeof share === 'number' ? share : (percentOf(share) ?? (Number(share) || 0))) === 0

const percentMessage =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
