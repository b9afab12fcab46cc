import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { checkDnsSubdomain } from '../../meta/names.ts'
import { checked, required } from './field-errors.ts'

const path = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const pathPattern = new RegExp(`^${path}$`)

/** Whose it is and what: `acme.io/foo`. */
export function validateDomainPath(field: string, value: string): FieldError[] {
  if (value === '') return required(field, value)
  const slash = value.indexOf('/')
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash <= 0 || rest === '') return [fieldInvalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  return [
    ...checked(field, host, checkDnsSubdomain),
    ...(pathPattern.test(rest) ? [] : [fieldInvalid(field, rest, `Invalid path (regex used for validation is '${path}')`)]),
  ]
}
