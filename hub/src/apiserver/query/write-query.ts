import { type ApiError, invalid } from '@bramble/shared/api/api-error.ts'
import type { RequestVerb } from './request-info.ts'

type Options = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

/** Whether this write is only tried. The only value that exists is `All`; given without one, nobody knows what was wanted. */
export function isDryRun(values: readonly string[], options: Options): boolean {
  if (values.some((value) => value !== 'All'))
    throw unsupported(options, 'dryRun', `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`, ['All'])
  return values.length > 0
}

export type FieldValidation = 'Ignore' | 'Strict' | 'Warn'
const fieldValidations: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn']

/** What is done about fields that nobody knows; a warning when nothing is asked for. */
export function fieldValidationOf(query: URLSearchParams, options: Options): FieldValidation {
  const asked = query.get('fieldValidation') ?? ''
  const mode = asked === '' ? 'Warn' : fieldValidations.find((each) => each === asked)
  if (mode === undefined) throw unsupported(options, 'fieldValidation', JSON.stringify(asked), fieldValidations)
  return mode
}

const unsupported = (options: Options, field: string, found: string, supported: readonly string[]): ApiError => {
  const message = `Unsupported value: ${found}: supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`
  return invalid({ group: 'meta.k8s.io', kind: options, resource: '' }, '', [{ reason: 'FieldValueNotSupported', field, message }])
}

/** What Kubernetes calls the query of such a write. A binding is posted. */
export const writeOptionsOf = (verb: RequestVerb): Options => optionsOf[verb] ?? 'CreateOptions'

const optionsOf: Partial<Record<RequestVerb, Options>> = { update: 'UpdateOptions', patch: 'PatchOptions' }

/** Before anything is read or done: also what is posted and never stored, such as a review, refuses options that nobody knows. */
export function checkWriteQuery(query: URLSearchParams, verb: RequestVerb): void {
  if (verb !== 'create' && verb !== 'update' && verb !== 'patch') return
  isDryRun(query.getAll('dryRun'), writeOptionsOf(verb))
  fieldValidationOf(query, writeOptionsOf(verb))
}
