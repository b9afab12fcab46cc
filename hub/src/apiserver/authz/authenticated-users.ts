import { isNode } from './node-user.ts'
import type { Authorizer } from './authorizer.ts'

/** Whoever has a certificate of ours and is no node may do everything. Roles take its place (RBAC). */
export const authenticatedUsers: Authorizer = {
  name: 'authenticated-users',
  authorize: ({ user }) => (user.groups.includes('system:authenticated') && !isNode(user) ? { type: 'allow' } : { type: 'noOpinion' }),
}
