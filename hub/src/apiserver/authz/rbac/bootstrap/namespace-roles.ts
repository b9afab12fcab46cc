import type { RoleBinding } from '@bramble/shared/kinds/role-binding.ts'
import type { Role } from '@bramble/shared/kinds/role.ts'
import { binding, role, systemAccount, user } from './objects.ts'
import { core, may, mayReport, read } from './rules.ts'

const system = 'kube-system'
const open = 'kube-public'
const leading = (component: string) => ({
  role: role(system, `system::leader-locking-${component}`, [
    may('watch', core, 'configmaps'),
    may('get update', core, 'configmaps', component),
  ]),
  binding: binding(system, {
    role: `system::leader-locking-${component}`,
    subjects: [user(`system:${component}`), systemAccount(component)],
  }),
})
const leaders = [leading('kube-controller-manager'), leading('kube-scheduler')]

/** The roles within the cluster's own namespaces, as Kubernetes has them. */
export const namespaceRoles: readonly Role[] = [
  // What other API servers read to know whom to believe.
  role(system, 'extension-apiserver-authentication-reader', [may(read, core, 'configmaps', 'extension-apiserver-authentication')]),
  role(system, 'system:controller:bootstrap-signer', [may(read, core, 'secrets')]),
  role(system, 'system:controller:cloud-provider', [may('create get list watch', core, 'configmaps')]),
  role(system, 'system:controller:token-cleaner', [may('get list watch delete', core, 'secrets'), mayReport]),
  ...leaders.map((leader) => leader.role),
  role(open, 'system:controller:bootstrap-signer', [
    may(read, core, 'configmaps'),
    may('update', core, 'configmaps', 'cluster-info'),
    mayReport,
  ]),
]

export const namespaceBindings: readonly RoleBinding[] = [
  binding(system, {
    name: 'system::extension-apiserver-authentication-reader',
    role: 'extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  }),
  ...leaders.map((leader) => leader.binding),
  ...['bootstrap-signer', 'cloud-provider', 'token-cleaner'].map((name) =>
    binding(system, { role: `system:controller:${name}`, subjects: [systemAccount(name)] }),
  ),
  binding(open, { role: 'system:controller:bootstrap-signer', subjects: [systemAccount('bootstrap-signer')] }),
]
