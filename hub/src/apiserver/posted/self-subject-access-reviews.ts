import { badRequest } from '@bramble/shared/api/api-error.ts'
import type { FieldSelector } from '@bramble/shared/meta/field-selector.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { any, bool, text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { decide, type Decision } from '../authz/authorizer.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { insistedOn, type PathRequest, type RequestVerb, type ResourceRequest } from '../query/request-info.ts'
import { definePosted } from '../routes/posted.ts'

const fieldSelectorAttributes = message('authorization.k8s.io/v1.FieldSelectorAttributes', {
  rawSelector: opt(1, text),
  requirements: opt(
    2,
    z.array(message('meta/v1.FieldSelectorRequirement', { key: f(1, text), operator: f(2, text), values: opt(3, z.array(text)) })),
  ),
})
const resourceAttributes = message('authorization.k8s.io/v1.ResourceAttributes', {
  namespace: opt(1, text),
  verb: opt(2, text),
  group: opt(3, text),
  version: opt(4, text),
  resource: opt(5, text),
  subresource: opt(6, text),
  name: opt(7, text),
  fieldSelector: opt(8, fieldSelectorAttributes),
  labelSelector: opt(9, any),
})
const nonResourceAttributes = message('authorization.k8s.io/v1.NonResourceAttributes', { path: opt(1, text), verb: opt(2, text) })
const spec = message('authorization.k8s.io/v1.SelfSubjectAccessReviewSpec', {
  resourceAttributes: opt(1, resourceAttributes),
  nonResourceAttributes: opt(2, nonResourceAttributes),
})
const status = message('authorization.k8s.io/v1.SubjectAccessReviewStatus', {
  allowed: opt(1, bool),
  denied: opt(4, bool),
  reason: opt(2, text),
  evaluationError: opt(3, text),
})
const schema = message('authorization.k8s.io/v1.SelfSubjectAccessReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, spec),
  status: opt(3, status),
})

const type = postedType({
  ...{ group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews' },
  schema,
})

/** `kubectl auth can-i` */
export const selfSubjectAccessReviews = definePosted({
  type,
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  verbs: {
    async create({ api, request, caller: { user } }) {
      const { spec } = bodyOf(request, type)
      const decision = decide(api.authorizers, { user, info: infoOf(spec) })
      const { apiVersion, kind } = type
      return {
        type: 'object',
        status: 201,
        object: { kind, apiVersion, metadata: { creationTimestamp: null }, spec, status: answerOf(decision) },
      }
    },
  },
})

const answerOf = (decision: Decision) =>
  decision.type === 'allow'
    ? { allowed: true }
    : { allowed: false, ...(decision.type === 'deny' && { denied: true }), reason: decision.reason }

/** As a request for it would have. */
function infoOf({ resourceAttributes: asked, nonResourceAttributes: path }: z.infer<typeof spec>): ResourceRequest | PathRequest {
  if ((asked === undefined) === (path === undefined))
    throw badRequest('spec: exactly one of resourceAttributes and nonResourceAttributes must be given')
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
  if (rawSelector !== '') {
    if (requirements.length > 0)
      throw badRequest('spec.resourceAttributes.fieldSelector: rawSelector and requirements cannot both be given')
    return insistedOn(rawSelector)
  }
  return requirements.flatMap(({ key, operator, values = [] }): FieldSelector => {
    const [value, ...more] = values
    if (value === undefined || more.length > 0 || (operator !== 'In' && operator !== 'NotIn')) return []
    return [{ field: key, operator: operator === 'In' ? '=' : '!=', value }]
  })
}
