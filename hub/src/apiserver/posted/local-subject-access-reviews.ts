import { badRequest, type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text } from '@bramble/shared/types/scalars.ts'
import { bodyOf, postedType } from '../bodies/body-of.ts'
import { accessStatus, answered, metadataErrors } from '../reviews/access.ts'
import { type SubjectAccessSpec, subjectAccessSpec, subjectErrors, userOf } from '../reviews/subject.ts'
import { definePosted } from '../routes/posted.ts'

const schema = message('authorization.k8s.io/v1.LocalSubjectAccessReview', {
  apiVersion: text.optional(),
  kind: text.optional(),
  metadata: f(1, objectMeta.default({ name: '' })),
  spec: f(2, subjectAccessSpec),
  status: opt(3, accessStatus, { byValue: true }),
})

const type = postedType({
  ...{ group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview', resource: 'localsubjectaccessreviews' },
  schema,
})

/** As a SubjectAccessReview, for who may ask about one namespace. */
export const localSubjectAccessReviews = definePosted({
  type,
  singular: 'localsubjectaccessreview',
  namespaced: true,
  verbs: {
    async create({ api: { authorizers }, request, info: { namespace = '' } }) {
      const { spec, metadata } = bodyOf(request, type)
      if ((metadata.namespace ?? namespace) !== namespace)
        throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
      const errors = [...subjectErrors(spec), ...metadataErrors(metadata, 'namespace'), ...namespaceErrors(spec, namespace)]
      return answered(type, { spec, user: userOf(spec), authorizers, errors })
    },
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
