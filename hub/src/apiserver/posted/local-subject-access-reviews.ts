import { badRequest, type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import { answered, metadataErrors } from '../reviews/access.ts'
import { type SubjectAccessSpec, subjectAccessType, subjectErrors, userOf } from '../reviews/subject.ts'
import { defineReview } from '../reviews/review.ts'

const type = subjectAccessType('LocalSubjectAccessReview')

/** As a SubjectAccessReview, for who may ask about one namespace. */
export const localSubjectAccessReviews = defineReview({
  type,
  singular: 'localsubjectaccessreview',
  namespaced: true,
  answer({ spec, metadata }, { api: { authorizers }, info: { namespace = '' } }) {
    if ((metadata.namespace ?? namespace) !== namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    const errors = [...subjectErrors(spec), ...metadataErrors(metadata, 'namespace'), ...namespaceErrors(spec, namespace)]
    return answered(type, { spec, user: userOf(spec), authorizers, errors })
  },
})

/** Who may ask about one namespace hears of no other. */
function namespaceErrors({ resourceAttributes, nonResourceAttributes }: SubjectAccessSpec, namespace: string): readonly FieldError[] {
  const asked = resourceAttributes?.namespace ?? ''
  return [
    ...(resourceAttributes === undefined || asked === namespace
      ? []
      : [fieldInvalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')]),
    ...(nonResourceAttributes === undefined
      ? []
      : [fieldInvalid('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request')]),
  ]
}
