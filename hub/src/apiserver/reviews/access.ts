import { type FieldError, fieldInvalid, fieldRequired, invalid, type Named } from '@bramble/shared/api/api-error.ts'
import type { User } from '@bramble/shared/api/api-request.ts'
import type { FieldSelector } from '@bramble/shared/meta/field-selector.ts'
import { labelSelectorRequirement } from '@bramble/shared/meta/label-selector.ts'
import type { ObjectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { bool, text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { type Authorizer, decide } from '../authz/authorizer.ts'
import { insistedOn, type PathRequest, type RequestVerb, type ResourceRequest } from '../query/request-info.ts'

const group = 'authorization.k8s.io/v1'

const fieldSelectorRequirement = message('meta/v1.FieldSelectorRequirement', {
  key: f(1, text),
  operator: f(2, text),
  values: opt(3, z.array(text), { list: 'atomic' }),
})
const fieldSelectorAttributes = message(`${group}.FieldSelectorAttributes`, {
  rawSelector: opt(1, text),
  requirements: opt(2, z.array(fieldSelectorRequirement), { list: 'atomic' }),
})
const labelSelectorAttributes = message(`${group}.LabelSelectorAttributes`, {
  rawSelector: opt(1, text),
  requirements: opt(2, z.array(labelSelectorRequirement), { list: 'atomic' }),
})
const resourceAttributes = message(`${group}.ResourceAttributes`, {
  namespace: opt(1, text),
  verb: opt(2, text),
  group: opt(3, text),
  version: opt(4, text),
  resource: opt(5, text),
  subresource: opt(6, text),
  name: opt(7, text),
  fieldSelector: opt(8, fieldSelectorAttributes),
  labelSelector: opt(9, labelSelectorAttributes),
})
const nonResourceAttributes = message(`${group}.NonResourceAttributes`, { path: opt(1, text), verb: opt(2, text) })

/** What is asked about, in every review of access. */
export const askedShape = {
  resourceAttributes: opt(1, resourceAttributes, { description: 'A request about a resource.' }),
  nonResourceAttributes: opt(2, nonResourceAttributes, { description: 'A request of a path that is no resource.' }),
}
export type AskedAccess = {
  readonly resourceAttributes?: z.infer<typeof resourceAttributes> | undefined
  readonly nonResourceAttributes?: z.infer<typeof nonResourceAttributes> | undefined
}

export const accessStatus = message(`${group}.SubjectAccessReviewStatus`, {
  allowed: f(1, bool.default(false), { description: 'Whether it may be done.' }),
  denied: opt(4, bool, { description: 'Whether it is forbidden, and not only allowed by nobody.' }),
  reason: opt(2, text),
  evaluationError: opt(3, text),
})

export type ReviewType = Named & { readonly apiVersion: string }

/** The review as it is answered. What is wrong with the question is told all at once. */
export function answered<S extends AskedAccess>(
  type: ReviewType,
  {
    spec,
    user,
    authorizers,
    errors = [],
  }: {
    readonly spec: S
    readonly user: User
    readonly authorizers: readonly Authorizer[]
    readonly errors?: readonly FieldError[]
  },
) {
  const all = [...errorsOf(spec), ...errors]
  if (all.length > 0) throw invalid(type, '', all)
  const decision = decide(authorizers, { user, info: infoOf(spec) })
  const reason = decision.reason !== undefined && decision.reason !== '' && { reason: decision.reason }
  const status =
    decision.type === 'allow'
      ? { allowed: true, ...reason }
      : { allowed: false, ...(decision.type === 'deny' && { denied: true }), ...reason }
  const { apiVersion, kind } = type
  return { type: 'object' as const, status: 201, object: { kind, apiVersion, metadata: { creationTimestamp: null }, spec, status } }
}

/** A review is about what its spec says: it has no name, and nothing is kept of it. */
export const metadataErrors = ({ name, ...metadata }: ObjectMeta, but?: 'namespace'): readonly FieldError[] =>
  name === '' && Object.keys(metadata).every((field) => field === 'managedFields' || field === but)
    ? []
    : [fieldInvalid('metadata', { name, ...metadata }, but === undefined ? 'must be empty' : `must be empty except for ${but}`)]

function errorsOf({ resourceAttributes: resource, nonResourceAttributes: path }: AskedAccess): readonly FieldError[] {
  return [
    ...(resource !== undefined && path !== undefined
      ? [fieldInvalid('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')]
      : []),
    ...(resource === undefined && path === undefined
      ? [fieldInvalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]
      : []),
    ...selectorErrors('spec.resourceAttributes.fieldSelector', resource?.fieldSelector),
    ...selectorErrors('spec.resourceAttributes.labelSelector', resource?.labelSelector),
  ]
}

type GivenSelector = { readonly rawSelector?: string | undefined; readonly requirements?: readonly unknown[] | undefined }

function selectorErrors(field: string, selector: GivenSelector | undefined): readonly FieldError[] {
  if (selector === undefined) return []
  const { rawSelector = '', requirements = [] } = selector
  if (rawSelector !== '' && requirements.length > 0)
    return [fieldInvalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  return rawSelector === '' && requirements.length === 0
    ? [fieldRequired(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`)]
    : []
}

/** As a request for it would have. */
function infoOf({ resourceAttributes: asked, nonResourceAttributes: path }: AskedAccess): ResourceRequest | PathRequest {
  if (asked === undefined) return { type: 'path', verb: path?.verb ?? '', path: path?.path ?? '' }
  const { namespace = '', name = '', subresource = '', group = '', version = '', resource = '', verb = '', fieldSelector } = asked
  return {
    type: 'resource',
    verb: verb as RequestVerb, // any word may be asked for; authorizers only compare it
    group,
    version,
    resource,
    ...(namespace !== '' && { namespace }),
    ...(name !== '' && { name }),
    ...(subresource !== '' && { subresource }),
    ...(fieldSelector !== undefined && { fields: fieldsOf(fieldSelector) }),
  }
}

/** What cannot be said as a term insists on nothing: then more is asked for, and no more is allowed. */
function fieldsOf({ rawSelector = '', requirements = [] }: z.infer<typeof fieldSelectorAttributes>): FieldSelector {
  if (rawSelector !== '') return insistedOn(rawSelector)
  return requirements.flatMap(({ key, operator, values = [] }): FieldSelector => {
    const [value, ...more] = values
    if (value === undefined || more.length > 0 || (operator !== 'In' && operator !== 'NotIn')) return []
    return [{ field: key, operator: operator === 'In' ? '=' : '!=', value }]
  })
}
