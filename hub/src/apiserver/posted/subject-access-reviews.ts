import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { accessStatus, answered, metadataErrors } from '../reviews/access.ts'
import { subjectAccessSpec, subjectErrors, userOf } from '../reviews/subject.ts'
import { definePosted } from '../routes/posted.ts'

const schema = message('authorization.k8s.io/v1.SubjectAccessReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, subjectAccessSpec),
  status: opt(3, accessStatus, { byValue: true }),
})

const type = postedType({
  ...{ group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview', resource: 'subjectaccessreviews' },
  schema,
})

/** What somebody may do, asked by who guards something for the hub: `kubectl auth can-i --as`, and proxies before other servers. */
export const subjectAccessReviews = definePosted({
  type,
  singular: 'subjectaccessreview',
  namespaced: false,
  verbs: {
    async create({ api: { authorizers }, request }) {
      const { spec, metadata } = bodyOf(request, type)
      return answered(type, { spec, user: userOf(spec), authorizers, errors: [...subjectErrors(spec), ...metadataErrors(metadata)] })
    },
  },
})
