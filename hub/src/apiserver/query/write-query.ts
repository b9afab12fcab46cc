import { type ApiError, type FieldError, fieldForbidden, fieldRequired, invalid } from '@bramble/shared/api/api-error.ts'
import { fieldManagerErrors } from './field-manager.ts'
import { isTrue } from './request-info.ts'

/** What a write says in its query. */
export type WriteQuery = {
  /** Empty if it was not given. */
  readonly fieldManager: string
  readonly dryRun: boolean
  readonly fieldValidation: FieldValidation
  /** What others own may be taken from them. Only an apply says it. */
  readonly isForced: boolean
}

/** What is done about fields that nobody knows. */
export type FieldValidation = 'Ignore' | 'Strict' | 'Warn'
const fieldValidations: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn']

type Options = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

/** All that is wrong with it is told at once. What is posted and never stored, such as a review, has the same query. */
export function writeQueryOf(query: URLSearchParams, verb: 'create' | 'update' | 'patch' | 'apply'): WriteQuery {
  const fieldManager = query.get('fieldManager') ?? ''
  const dryRun = query.getAll('dryRun')
  const given = query.get('fieldValidation') ?? ''
  const fieldValidation = given === '' ? 'Warn' : fieldValidations.find((each) => each === given)
  const errors = [...applyErrors(query, verb, fieldManager), ...fieldManagerErrors(fieldManager), ...dryRunErrors(dryRun)]
  if (fieldValidation === undefined) errors.push(notSupported('fieldValidation', JSON.stringify(given), fieldValidations))
  if (errors.length > 0 || fieldValidation === undefined) throw invalidOptions(optionsOf[verb], errors)
  return { fieldManager, dryRun: dryRun.length > 0, fieldValidation, isForced: isTrue(query.get('force')) }
}

/** Who applies owns fields, so he must have a name; nobody else can take them by force. */
function applyErrors(query: URLSearchParams, verb: string, fieldManager: string): FieldError[] {
  if (verb === 'apply') return fieldManager === '' ? [fieldRequired('fieldManager', 'is required for apply patch')] : []
  return verb === 'patch' && query.has('force') ? [fieldForbidden('force', 'may not be specified for non-apply patch')] : []
}

/** Refuses a deletion for what is wrong with its options. */
export function checkDeletion(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors)
}

/** The only value that exists is `All`; given without one, nobody knows what was wanted. */
export const dryRunErrors = (values: readonly string[]): FieldError[] =>
  values.some((value) => value !== 'All') ? [notSupported('dryRun', JSON.stringify(values), ['All'])] : []

const notSupported = (field: string, found: string, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${found}: supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`,
})

const invalidOptions = (options: Options, errors: readonly FieldError[]): ApiError =>
  invalid({ group: 'meta.k8s.io', kind: options, resource: '' }, '', errors)

/** What Kubernetes calls the query of such a write. A binding is created. */
const optionsOf = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions', apply: 'PatchOptions' } as const
