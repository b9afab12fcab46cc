import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { definePosted } from '../routes/posted.ts'

const userInfo = message('authentication.k8s.io/v1.UserInfo', { username: opt(1, text), uid: opt(2, text), groups: opt(3, z.array(text)) })
const schema = message('authentication.k8s.io/v1.SelfSubjectReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  status: opt(2, message('authentication.k8s.io/v1.SelfSubjectReviewStatus', { userInfo: opt(1, userInfo) })),
})

const type = postedType({
  ...{ group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', resource: 'selfsubjectreviews' },
  schema,
})

/** `kubectl auth whoami` */
export const selfSubjectReviews = definePosted({
  type,
  singular: 'selfsubjectreview',
  namespaced: false,
  verbs: {
    async create({ request, caller: { user } }) {
      bodyOf(request, type)
      const { apiVersion, kind } = type
      const { name: username, uid, groups, extra } = user
      const status = { userInfo: { username, uid, groups, extra } }
      return { type: 'object', status: 201, object: { kind, apiVersion, metadata: { creationTimestamp: null }, status } }
    },
  },
})
