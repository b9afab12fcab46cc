import { badRequest } from '@bramble/shared/api/api-error.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { any, bool, text } from '@bramble/shared/types/scalars.ts'
import type * as z from 'zod'
import { decide } from '../authz/authorizer.ts'
import { bodyOf } from '../bodies/body-of.ts'
import type { PathRequest, RequestVerb, ResourceRequest } from '../query/request-info.ts'
import type { PostedResource } from './posted-resource.ts'

const resourceAttributes = message('authorization.k8s.io/v1.ResourceAttributes', {
  namespace: opt(1, text),
  verb: opt(2, text),
  group: opt(3, text),
  version: opt(4, text),
  resource: opt(5, text),
  subresource: opt(6, text),
  name: opt(7, text),
  fieldSelector: opt(8, any),
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

/** `kubectl auth can-i` */
export const selfSubjectAccessReviews: PostedResource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  verbs: ['create'],
  async create({ authorizers }, { request, caller: { user } }) {
    const review = bodyOf(request, { ...selfSubjectAccessReviews, apiVersion: 'authorization.k8s.io/v1', schema })
    const decision = decide(authorizers, { user, info: infoOf(review.spec), query: new URLSearchParams() })
    const answer =
      decision.type === 'allow'
        ? { allowed: true }
        : { allowed: false, ...(decision.type === 'deny' && { denied: true }), reason: decision.reason }
    return {
      type: 'object',
      status: 201,
      object: {
        kind: 'SelfSubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: { creationTimestamp: null },
        spec: review.spec,
        status: answer,
      },
    }
  },
}

function infoOf({ resourceAttributes: asked, nonResourceAttributes: path }: z.infer<typeof spec>): ResourceRequest | PathRequest {
  if (asked !== undefined) {
    const { namespace = '', name = '', subresource = '', group = '', version = '', resource = '' } = asked
    return {
      type: 'resource',
      verb: asked.verb as RequestVerb, // any word may be asked for; authorizers only compare it
      group,
      version,
      resource,
      ...(namespace !== '' && { namespace }),
      ...(name !== '' && { name }),
      ...(subresource !== '' && { subresource }),
    }
  }
  if (path !== undefined) return { type: 'path', verb: path.verb ?? '', path: path.path ?? '' }
  throw badRequest('spec: exactly one of resourceAttributes and nonResourceAttributes must be given')
}
