import type { User } from '@bramble/shared/api/api-request.ts'
import type { Authorizer, Rules } from './authorizer.ts'
import { isNode } from './node-user.ts'

/** Whoever has a certificate of ours and is no node may do everything. Roles take its place (RBAC). */
export const authenticatedUsers: Authorizer = {
  name: 'authenticated-users',
  rulesOf: (user) => (mayDoEverything(user) ? everything : undefined),
  authorize: ({ user }) => (mayDoEverything(user) ? { type: 'allow' } : { type: 'noOpinion' }),
}

const mayDoEverything = (user: User): boolean => user.groups.includes('system:authenticated') && !isNode(user)

const everything: Rules = {
  resources: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  paths: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
