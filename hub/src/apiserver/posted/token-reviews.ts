import { badRequest } from '@bramble/shared/api/api-error.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { bool, text } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import type { Verdict } from '../authn/tokens/authenticator.ts'
import { postedType } from '../bodies/body-of.ts'
import { userInfo, userInfoOf } from '../reviews/user-info.ts'
import { defineReview } from '../reviews/review.ts'

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

/** Whose token something is, for servers that are shown tokens of this cluster. */
export const tokenReviews = defineReview({
  type,
  singular: 'tokenreview',
  async answer({ spec }, { api: { tokens } }) {
    const { token = '', audiences = [] } = spec
    if (token === '') throw badRequest('token is required for TokenReview in authentication')
    const verdict = await tokens.authenticate(token, audiences.length === 0 ? tokens.audiences : audiences)
    const { apiVersion, kind } = type
    const metadata = { creationTimestamp: null }
    return { type: 'object', status: 201, object: { kind, apiVersion, metadata, spec, status: statusOf(verdict) } }
  },
})

const statusOf = (verdict: Verdict) =>
  verdict.type === 'known'
    ? { authenticated: true, user: userInfoOf(verdict.user), audiences: verdict.audiences }
    : { user: {}, error: verdict.why }
