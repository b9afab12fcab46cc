import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { bool, text } from '@bramble/shared/types/scalars.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import * as z from 'zod'
import type { Rules } from '../authz/authorizer.ts'
import { postedType } from '../bodies/body-of.ts'
import { defineReview } from '../reviews/review.ts'

const status = message('authorization.k8s.io/v1.SubjectRulesReviewStatus', {
  resourceRules: opt(
    1,
    z.array(
      message('authorization.k8s.io/v1.ResourceRule', {
        verbs: opt(1, z.array(text)),
        apiGroups: opt(2, z.array(text)),
        resources: opt(3, z.array(text)),
        resourceNames: opt(4, z.array(text)),
      }),
    ),
  ),
  nonResourceRules: opt(
    2,
    z.array(message('authorization.k8s.io/v1.NonResourceRule', { verbs: opt(1, z.array(text)), nonResourceURLs: opt(2, z.array(text)) })),
  ),
  incomplete: opt(3, bool),
  evaluationError: opt(4, text),
})
const schema = message('authorization.k8s.io/v1.SelfSubjectRulesReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, message('authorization.k8s.io/v1.SelfSubjectRulesReviewSpec', { namespace: opt(1, text) })),
  status: opt(3, status),
})

const type = postedType({
  ...{ group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', resource: 'selfsubjectrulesreviews' },
  schema,
})

/** `kubectl auth can-i --list` */
export const selfSubjectRulesReviews = defineReview({
  type,
  singular: 'selfsubjectrulesreview',
  answer({ spec }, { api, caller: { user } }) {
    const { namespace = '' } = spec
    if (namespace === '') throw new ApiError('BadRequest', 'no namespace on request')
    const { apiVersion, kind } = type
    const status = statusOf(api.authorizers.flatMap((authorizer) => authorizer.rulesOf(user, namespace) ?? []))
    return { type: 'object', status: 201, object: { kind, apiVersion, metadata: { creationTimestamp: null }, spec, status } }
  },
})

function statusOf(all: readonly Rules[]) {
  const reasons = all.flatMap(({ incomplete }) => incomplete ?? [])
  return {
    resourceRules: all.flatMap(({ resources }) => resources),
    nonResourceRules: all.flatMap(({ paths }) => paths),
    incomplete: reasons.length > 0,
    ...(reasons.length > 0 && { evaluationError: reasons.join('; ') }),
  }
}
