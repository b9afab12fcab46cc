import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { bodyOf } from '../bodies/body-of.ts'
import type { PostedResource } from './posted-resource.ts'

const userInfo = message('authentication.k8s.io/v1.UserInfo', { username: opt(1, text), uid: opt(2, text), groups: opt(3, z.array(text)) })
const schema = message('authentication.k8s.io/v1.SelfSubjectReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  status: opt(2, message('authentication.k8s.io/v1.SelfSubjectReviewStatus', { userInfo: opt(1, userInfo) })),
})

/** `kubectl auth whoami` */
export const selfSubjectReviews: PostedResource = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  singular: 'selfsubjectreview',
  namespaced: false,
  verbs: ['create'],
  async create(_deps, { request, caller: { user } }) {
    bodyOf(request, { ...selfSubjectReviews, apiVersion: 'authentication.k8s.io/v1', schema })
    const { name: username, uid, groups, extra } = user
    return {
      type: 'object',
      status: 201,
      object: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { creationTimestamp: null },
        status: { userInfo: { username, uid, groups, extra } },
      },
    }
  },
}
