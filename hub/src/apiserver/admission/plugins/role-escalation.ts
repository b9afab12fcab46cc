import { notFound } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { clusterRoleBindings } from '@bramble/shared/kinds/cluster-role-binding.ts'
import { type ClusterRole, clusterRoles } from '@bramble/shared/kinds/cluster-role.ts'
import { type RoleBinding, roleBindings } from '@bramble/shared/kinds/role-binding.ts'
import { roles } from '@bramble/shared/kinds/role.ts'
import type { PolicyRule } from '@bramble/shared/types/rbac.ts'
import { type Authorizer, decide } from '../../authz/authorizer.ts'
import { isMaster } from '../../authz/masters.ts'
import { escalationOf } from '../../authz/rbac/escalation.ts'
import type { RoleIndex } from '../../authz/rbac/role-index.ts'
import type { RequestVerb } from '../../query/request-info.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

type Rights = { readonly roleIndex: RoleIndex; readonly authorizers: readonly Authorizer[] }

/**
 * Nobody gives away by a role or a binding what he does not have himself, unless he has the right to escalate roles or to bind this one. Looked at
 * when the object is as its sender and all plugins want it.
 */
export const roleEscalation = defineAdmission('role-escalation', (rights) => ({
  kinds: [roles, clusterRoles, roleBindings, clusterRoleBindings],
  complete(admission) {
    const { kind, object, previous, operation, origin } = admission
    const isRole = kind === roles || kind === clusterRoles
    if (operation === 'DELETE' || object === undefined) return
    if (isMaster(origin.user) || (previous !== undefined && isOnlyLetGo(object, previous))) return
    // Of these kinds, as all that is admitted.
    if (isRole) checkRole(admission, object as ClusterRole, rights)
    else checkBinding(admission, object as RoleBinding, rights)
  },
}))

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function checkRole(admission: Admission, { rules = [], aggregationRule }: ClusterRole, rights: Rights): void {
  const { name, origin, previous } = admission
  // A name that comes with a new object is not what was asked for.
  if (mayDo('escalate', admission, { resource: admission.kind.resource, ...(origin.operation !== 'create' && { name }) }, rights)) return
  refuseUnlessHeld(admission, rules, rights)
  const gathers = [aggregationRule, (previous as ClusterRole | undefined)?.aggregationRule].some(
    (rule) => (rule?.clusterRoleSelectors ?? []).length > 0,
  )
  // Whatever it comes to gather is given away with it.
  if (gathers && escalationOf(rights.roleIndex, { user: origin.user, namespace: '', rules: everything }) !== undefined)
    throw refused(admission, 'must have cluster-admin privileges to use the aggregationRule')
}

function checkBinding(admission: Admission, { roleRef }: RoleBinding, rights: Rights): void {
  const bound = roleRef.kind === 'Role' ? roles : clusterRoles
  if (mayDo('bind', admission, { resource: bound.resource, name: roleRef.name }, rights)) return
  const rules = rights.roleIndex.rulesOf(roleRef, admission.namespace ?? '')
  if (rules === undefined) throw notFound(bound, roleRef.name)
  refuseUnlessHeld(admission, rules, rights)
}

function refuseUnlessHeld(admission: Admission, rules: readonly PolicyRule[], { roleIndex }: Rights): void {
  const why = escalationOf(roleIndex, { user: admission.origin.user, namespace: admission.namespace ?? '', rules })
  if (why !== undefined) throw refused(admission, why)
}

type Target = { readonly resource: string; readonly name?: string }

function mayDo(verb: 'escalate' | 'bind', { kind, namespace, origin }: Admission, target: Target, { authorizers }: Rights): boolean {
  const { group } = kind
  const asked = { type: 'resource', verb: verb as RequestVerb, group, version: '*', ...target } as const // any word may be asked for
  const info = namespace === undefined ? asked : { ...asked, namespace }
  return decide(authorizers, { user: origin.user, info }).type === 'allow'
}

/** A garbage collector lets go of what it may not give. */
function isOnlyLetGo(object: KubeObject, previous: KubeObject): boolean {
  const rest = ({
    metadata: { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...metadata },
    ...of
  }: KubeObject) => ({
    ...of,
    metadata,
  })
  return isSameJson(rest(object), rest(previous))
}
