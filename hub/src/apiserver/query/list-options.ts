import { badRequest, type FieldError, fieldForbidden, fieldNotSupported, invalid } from '@bramble/shared/api/api-error.ts'
import { queryNumber } from './query-number.ts'

/** Refuses what contradicts itself in the query of a list: in Kubernetes' order, its own words, and all of it at once. */
export function checkListOptions(query: URLSearchParams): void {
  queryNumber(query, 'timeoutSeconds')
  const errors = [...matchErrors(query), ...initialEventsErrors(query)]
  if (errors.length > 0) throw invalidListOptions(errors)
  // Each page of a list is read where its first one was.
  const revision = query.get('resourceVersion') ?? ''
  if ((query.get('continue') ?? '') !== '' && revision !== '' && revision !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
}

export const invalidListOptions = (errors: readonly FieldError[]) =>
  invalid({ group: 'meta.k8s.io', kind: 'ListOptions', resource: '' }, '', errors)

const field = 'resourceVersionMatch'

function matchErrors(query: URLSearchParams): readonly FieldError[] {
  const match = query.get(field) ?? ''
  if (match === '') return []
  const revision = query.get('resourceVersion') ?? ''
  return [
    ...(revision === '' ? [fieldForbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided')] : []),
    ...((query.get('continue') ?? '') === '' ? [] : [fieldForbidden(field, 'resourceVersionMatch is forbidden when continue is provided')]),
    ...(match === 'Exact' || match === 'NotOlderThan' ? [] : [fieldNotSupported(field, match, ['Exact', 'NotOlderThan', ''])]),
    ...(match === 'Exact' && revision === '0'
      ? [fieldForbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
      : []),
  ]
}

const initialEventsErrors = (query: URLSearchParams): readonly FieldError[] =>
  query.has('sendInitialEvents') ? [fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')] : []
