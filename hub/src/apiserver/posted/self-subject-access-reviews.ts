import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { postedType } from '../bodies/body-of.ts'
import { accessStatus, answered, askedShape, metadataErrors } from '../reviews/access.ts'
import { defineReview } from '../reviews/review.ts'

const schema = message('authorization.k8s.io/v1.SelfSubjectAccessReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, message('authorization.k8s.io/v1.SelfSubjectAccessReviewSpec', askedShape)),
  status: opt(3, accessStatus, { byValue: true }),
})

const type = postedType({
  ...{ group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews' },
  schema,
})

/** `kubectl auth can-i` */
export const selfSubjectAccessReviews = defineReview({
  type,
  singular: 'selfsubjectaccessreview',
  answer: ({ spec, metadata }, { api: { authorizers }, caller: { user } }) =>
    answered(type, { spec, user, authorizers, errors: metadataErrors(metadata) }),
})
