import { answered, metadataErrors } from '../reviews/access.ts'
import { subjectAccessType, subjectErrors, userOf } from '../reviews/subject.ts'
import { defineReview } from '../reviews/review.ts'

const type = subjectAccessType('SubjectAccessReview')

/** What somebody may do, asked by who guards something for the hub: `kubectl auth can-i --as`, and proxies before other servers. */
export const subjectAccessReviews = defineReview({
  type,
  singular: 'subjectaccessreview',
  answer: ({ spec, metadata }, { api: { authorizers } }) =>
    answered(type, { spec, user: userOf(spec), authorizers, errors: [...subjectErrors(spec), ...metadataErrors(metadata)] }),
})
