import type { User } from '@bramble/shared/api/api-request.ts'
import type { Authorizer } from './authorizer.ts'
import { isNode } from './node-user.ts'

const group = 'system:masters'

/** Its members may do everything, whatever roles there are: this is how one comes back in who has taken the last right from himself. */
export const isMaster = (user: User): boolean => user.groups.includes(group) && !isNode(user)

export const masters: Authorizer = {
  name: 'masters',
  authorize: ({ user }) => (isMaster(user) ? { type: 'allow' } : { type: 'noOpinion' }),
  // What rules they have is theirs by the binding of `cluster-admin`.
  rulesOf: () => undefined,
}
