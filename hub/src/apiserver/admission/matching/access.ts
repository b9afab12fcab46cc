import type { User } from '@bramble/shared/api/api-request.ts'
import type { Access, AccessQuestion } from '@bramble/shared/cel/authorizer-values.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { type Authorizer, decide } from '../../authz/authorizer.ts'
import { insistedOn, type RequestInfo, type RequestVerb } from '../../query/request-info.ts'

/** The authorizers of the hub, for expressions to ask: in the name of a user, or of a service account. */
export const accessOf =
  (authorizers: readonly Authorizer[], user: User): Access =>
  (question) => {
    try {
      const { serviceAccount } = question
      const asked = serviceAccount === undefined ? user : userOf(serviceAccount)
      const decision = decide(authorizers, { user: asked, info: infoOf(question) })
      return { allowed: decision.type === 'allow', reason: decision.type === 'allow' ? '' : (decision.reason ?? ''), error: '' }
    } catch (error) {
      return { allowed: false, reason: '', error: messageOf(error) }
    }
  }

const userOf = ({ namespace, name }: NonNullable<AccessQuestion['serviceAccount']>): User => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})

function infoOf(question: AccessQuestion): RequestInfo {
  if ('path' in question) return { type: 'path', verb: question.verb, path: question.path }
  const { verb, group, resource, subresource, namespace, name, fieldSelector } = question
  return {
    type: 'resource',
    verb: verb as RequestVerb, // rules compare any word
    ...{ group, version: '*', resource },
    ...(namespace !== '' && { namespace }),
    ...(name !== '' && { name }),
    ...(subresource !== '' && { subresource }),
    ...(fieldSelector !== '' && { fields: insistedOn(fieldSelector) }),
  }
}
