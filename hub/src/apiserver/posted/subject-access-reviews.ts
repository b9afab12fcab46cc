import { bodyOf } from '../bodies/body-of.ts'
import { answered, metadataErrors } from '../reviews/access.ts'
import { subjectAccessType, subjectErrors, userOf } from '../reviews/subject.ts'
import { definePosted } from '../routes/posted.ts'

const type = subjectAccessType('SubjectAccessReview')

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
