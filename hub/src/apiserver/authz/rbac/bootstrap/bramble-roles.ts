import type { ClusterRoleBinding } from '@bramble/shared/kinds/cluster-role-binding.ts'
import type { ClusterRole } from '@bramble/shared/kinds/cluster-role.ts'
import type { RoleBinding } from '@bramble/shared/kinds/role-binding.ts'
import type { Role } from '@bramble/shared/kinds/role.ts'
import { binding, clusterBinding, clusterRole, role, user } from './objects.ts'
import { core, may, mayReport, read } from './rules.ts'

const gateway = user('system:bramble:gateway')

/** Of the parts of a hub that Kubernetes does not have. */
export const brambleRoles: readonly ClusterRole[] = [
  // It lets nodes join, and says which of them are connected.
  clusterRole('system:bramble:gateway', [
    may([...read, 'create', 'update', 'patch'], core, 'nodes'),
    may('get update patch', core, 'nodes/status'),
    mayReport,
  ]),
  // Whoever schedules and controls looks at these copies.
  clusterRole('system:bramble:informers', [may('list watch', '*', '*')]),
]
export const brambleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('system:bramble:gateway', [gateway]),
  clusterBinding('system:bramble:informers', [user('system:bramble:informers')]),
]

/** Tokens by which nodes join are Secrets. */
export const brambleNamespaceRoles: readonly Role[] = [
  role('kube-system', 'system:bramble:gateway', [may([...read, 'create', 'update', 'patch', 'delete'], core, 'secrets')]),
]
export const brambleNamespaceBindings: readonly RoleBinding[] = [
  binding('kube-system', { role: 'system:bramble:gateway', subjects: [gateway] }),
]
