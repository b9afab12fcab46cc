import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { postedType } from '../bodies/body-of.ts'
import { userInfo, userInfoOf } from '../reviews/user-info.ts'
import { defineReview } from '../reviews/review.ts'

const [v1, v1beta1, v1alpha1] = [typeIn('v1'), typeIn('v1beta1'), typeIn('v1alpha1')]

/** `kubectl auth whoami` */
export const selfSubjectReviews = reviewOf(v1)
/** The same, for clients of the time before. */
export const selfSubjectReviewsBeta = reviewOf(v1beta1)
export const selfSubjectReviewsAlpha = reviewOf(v1alpha1)

function typeIn(version: string) {
  const group = `authentication.k8s.io/${version}`
  const status = message(`${group}.SelfSubjectReviewStatus`, { userInfo: opt(1, userInfo, { byValue: true }) })
  const schema = message(`${group}.SelfSubjectReview`, {
    apiVersion: text.optional(),
    kind: text.optional(),
    metadata: f(1, objectMeta.default({ name: '' })),
    status: opt(2, status, { byValue: true }),
  })
  return postedType({
    ...{ group: 'authentication.k8s.io', version, kind: 'SelfSubjectReview', resource: 'selfsubjectreviews' },
    schema,
  })
}

function reviewOf(type: ReturnType<typeof typeIn>) {
  return defineReview({
    ...{ type, singular: 'selfsubjectreview', versions: [v1, v1beta1, v1alpha1] },
    answer(_body, { caller: { user } }) {
      const { apiVersion, kind } = type
      const metadata = { creationTimestamp: null }
      return { type: 'object', status: 201, object: { kind, apiVersion, metadata, status: { userInfo: userInfoOf(user) } } }
    },
  })
}
