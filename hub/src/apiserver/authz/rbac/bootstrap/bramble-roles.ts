import type { ClusterRoleBinding } from '@bramble/shared/kinds/cluster-role-binding.ts'
import type { ClusterRole } from '@bramble/shared/kinds/cluster-role.ts'
import type { RoleBinding } from '@bramble/shared/kinds/role-binding.ts'
import type { Role } from '@bramble/shared/kinds/role.ts'
import { discover } from '@bramble/shared/discover.ts'
import { isAccountRole } from './account-role.ts'
import { binding, clusterBinding, clusterRole, role, systemAccount, user } from './objects.ts'
import { coordination, core, may } from './rules.ts'

const accountRoles = discover(import.meta.glob('./accounts/*.ts', { eager: true }), isAccountRole)

const gateway = user('system:bramble:gateway')
const prefix = 'system:bramble:controller:'

/** Of the parts of a hub that Kubernetes does not have. */
export const brambleRoles: readonly ClusterRole[] = [
  // It lets nodes join.
  clusterRole('system:bramble:gateway', [may('get create patch delete', core, 'nodes')]),
  // Whoever schedules and controls looks at these copies.
  clusterRole('system:bramble:informers', [may('list watch', '*', '*')]),
  ...accountRoles.map(({ account, rules }) => clusterRole(prefix + account, rules)),
]
export const brambleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('system:bramble:gateway', [gateway]),
  clusterBinding('system:bramble:informers', [user('system:bramble:informers')]),
  ...accountRoles.map(({ account }) => clusterBinding(prefix + account, [systemAccount(account)])),
]

/** Tokens by which nodes join are Secrets, and whether a node is connected stands in its Lease. */
const ofGateway = [
  role('kube-system', 'system:bramble:gateway', [may('get list update delete', core, 'secrets')]),
  role('kube-node-lease', 'system:bramble:gateway', [may('get patch', coordination, 'leases')]),
]
export const brambleNamespaceRoles: readonly Role[] = ofGateway
export const brambleNamespaceBindings: readonly RoleBinding[] = ofGateway.map(({ metadata }) =>
  binding(metadata.namespace ?? '', { role: metadata.name, subjects: [gateway] }),
)
