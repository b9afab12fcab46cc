import { badRequest } from '@bramble/shared/api/api-error.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { bool, text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { userInfo } from '../reviews/user-info.ts'
import { definePosted } from '../routes/posted.ts'

const group = 'authentication.k8s.io/v1'

const spec = message(`${group}.TokenReviewSpec`, {
  token: opt(1, text, { description: 'The token.' }),
  audiences: opt(2, z.array(text), { description: 'For whom it should be.', list: 'atomic' }),
})
const status = message(`${group}.TokenReviewStatus`, {
  authenticated: opt(1, bool, { description: 'Whether it is good.' }),
  user: opt(2, userInfo, { description: 'Whose it is.', byValue: true }),
  audiences: opt(4, z.array(text), { description: 'For whom it is.', list: 'atomic' }),
  error: opt(3, text),
})
const schema = message(`${group}.TokenReview`, {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, spec),
  status: opt(3, status, { byValue: true }),
})

const type = postedType({
  ...{ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', resource: 'tokenreviews' },
  schema,
})

/** Whose token something is. The hub gives out none, so none is good. */
export const tokenReviews = definePosted({
  type,
  singular: 'tokenreview',
  namespaced: false,
  verbs: {
    async create({ request }) {
      const { spec } = bodyOf(request, type)
      if ((spec.token ?? '') === '') throw badRequest('token is required for TokenReview in authentication')
      const { apiVersion, kind } = type
      const answer = { user: {}, error: 'invalid bearer token: this hub knows no tokens' }
      return { type: 'object', status: 201, object: { kind, apiVersion, metadata: { creationTimestamp: null }, spec, status: answer } }
    },
  },
})
