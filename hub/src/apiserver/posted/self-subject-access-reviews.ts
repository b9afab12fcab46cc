import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { accessStatus, answered, askedShape, metadataErrors } from '../reviews/access.ts'
import { definePosted } from '../routes/posted.ts'

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
export const selfSubjectAccessReviews = definePosted({
  type,
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  verbs: {
    async create({ api: { authorizers }, request, caller: { user } }) {
      const { spec, metadata } = bodyOf(request, type)
      return answered(type, { spec, user, authorizers, errors: metadataErrors(metadata) })
    },
  },
})
