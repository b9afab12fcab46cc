import type { User } from '@bramble/shared/api/api-request.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { TypeName } from '../admission.ts'
import type { Question } from './question.ts'

/** An AdmissionRequest without its objects, of which an empty text is left out. `version` is that of the resource in which the request was met. */
export function requestOf(question: Question, version: Kind): Readonly<Record<string, unknown>> {
  const { kind, subresource, name, namespace, operation, origin, options } = question
  return {
    kind: typeNameOf(shownType(question, version)),
    resource: resourceOf(version),
    ...(subresource !== '' && { subResource: subresource }),
    requestKind: typeNameOf(question.type),
    requestResource: resourceOf(kind),
    ...(subresource !== '' && { requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== '' && { namespace }),
    operation,
    userInfo: userInfoOf(origin.user),
    dryRun: origin.dryRun,
    options: options(),
  }
}

/** What is posted to a subresource is the same in all versions of the resource. */
export const shownType = ({ kind, type }: Question, version: Kind): TypeName => (type === kind ? version : type)

const typeNameOf = ({ group, version, kind }: TypeName) => ({ group, version, kind })
const resourceOf = ({ group, version, resource }: Kind) => ({ group, version, resource })

const userInfoOf = ({ name, uid = '', groups, extra = {} }: User) => ({
  username: name,
  ...(uid !== '' && { uid }),
  ...(groups.length > 0 && { groups }),
  ...(Object.keys(extra).length > 0 && { extra }),
})
