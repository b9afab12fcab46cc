import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { bool, text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { isNode } from '../authz/node-user.ts'
import { bodyOf } from '../bodies/body-of.ts'
import type { PostedResource } from './posted-resource.ts'

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

const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
}
/** What a node may do depends on its pods, which rules cannot say. */
const unsayable = {
  resourceRules: [],
  nonResourceRules: [],
  incomplete: true,
  evaluationError: 'the node authorizer does not list its rules',
}

/** `kubectl auth can-i --list` */
export const selfSubjectRulesReviews: PostedResource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  singular: 'selfsubjectrulesreview',
  namespaced: false,
  verbs: ['create'],
  async create(_deps, { request, caller: { user } }) {
    const { spec } = bodyOf(request, { ...selfSubjectRulesReviews, apiVersion: 'authorization.k8s.io/v1', schema })
    return {
      type: 'object',
      status: 201,
      object: {
        kind: 'SelfSubjectRulesReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: { creationTimestamp: null },
        spec,
        status: isNode(user) ? unsayable : everything,
      },
    }
  },
}
