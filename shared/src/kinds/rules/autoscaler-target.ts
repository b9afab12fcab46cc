import type { FieldError } from '../../api/api-error.ts'
import { checkPathSegment } from '../../meta/names.ts'
import { requiredAndChecked } from './field-errors.ts'

/** An object of any kind and version. */
export const validateTarget = ({ kind, name }: { readonly kind: string; readonly name: string }, field: string): FieldError[] => [
  ...requiredAndChecked(`${field}.kind`, kind, checkPathSegment),
  ...requiredAndChecked(`${field}.name`, name, checkPathSegment),
]
