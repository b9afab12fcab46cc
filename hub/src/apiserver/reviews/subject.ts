import { type FieldError, fieldInvalid } from '@bramble/shared/api/api-error.ts'
import type { User } from '@bramble/shared/api/api-request.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message, opt } from '@bramble/shared/types/field.ts'
import { text, textListMap } from '@bramble/shared/types/scalars.ts'
import * as z from 'zod'
import { postedType } from '../bodies/body-of.ts'
import { accessStatus, askedShape } from './access.ts'

/** What somebody else may do, who is named. */
export const subjectAccessSpec = message('authorization.k8s.io/v1.SubjectAccessReviewSpec', {
  ...askedShape,
  user: opt(3, text, { description: 'Who it is about.' }),
  groups: opt(4, z.array(text), { description: 'The groups of who it is about.', list: 'atomic' }),
  extra: opt(5, textListMap),
  uid: opt(6, text),
})
export type SubjectAccessSpec = z.infer<typeof subjectAccessSpec>

/** A review of somebody's access, whole or of one namespace. */
export const subjectAccessType = (kind: 'SubjectAccessReview' | 'LocalSubjectAccessReview') =>
  postedType({
    ...{ group: 'authorization.k8s.io', version: 'v1', kind, resource: `${kind.toLowerCase()}s` },
    schema: message(`authorization.k8s.io/v1.${kind}`, {
      apiVersion: text.optional(),
      kind: text.optional(),
      metadata: f(1, objectMeta.default({ name: '' })),
      spec: f(2, subjectAccessSpec),
      status: opt(3, accessStatus, { byValue: true }),
    }),
  })

/** Each group once: whoever asks may name one as often as a body has room, and each is looked through for its rules. */
export const userOf = ({ user = '', groups = [], uid, extra }: SubjectAccessSpec): User => ({
  name: user,
  groups: [...new Set(groups)],
  ...(uid !== undefined && { uid }),
  ...(extra !== undefined && { extra }),
})

/** Nobody has more, and each of them costs a look at what is bound to it. */
const mostGroups = 1000

export const subjectErrors = ({ user = '', groups = [] }: SubjectAccessSpec): readonly FieldError[] => [
  ...(user === '' && groups.length === 0 ? [fieldInvalid('spec.user', user, 'at least one of user or group must be specified')] : []),
  ...(new Set(groups).size > mostGroups ? [fieldInvalid('spec.groups', groups.length, `must have at most ${mostGroups} items`)] : []),
]
