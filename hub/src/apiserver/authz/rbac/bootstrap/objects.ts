import type { ClusterRoleBinding } from '@bramble/shared/kinds/cluster-role-binding.ts'
import type { ClusterRole } from '@bramble/shared/kinds/cluster-role.ts'
import type { RoleBinding } from '@bramble/shared/kinds/role-binding.ts'
import type { Role } from '@bramble/shared/kinds/role.ts'
import type { PolicyRule, RoleRef, Subject } from '@bramble/shared/types/rbac.ts'

export const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const metadataOf = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  annotations: { [autoUpdate]: 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
})
const aggregateTo = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' })

export const clusterRole = (name: string, rules: readonly PolicyRule[], partOf?: string): ClusterRole => ({
  ...{ apiVersion, kind: 'ClusterRole', metadata: metadataOf(name, partOf === undefined ? {} : aggregateTo(partOf)) },
  rules: [...rules],
})

/** Its rules are those of all that say they are part of it. */
export const aggregated = (name: string, partOf?: string): ClusterRole => ({
  ...clusterRole(name, [], partOf),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
})

export const clusterBinding = (name: string, subjects: readonly Subject[]): ClusterRoleBinding => ({
  ...{ apiVersion, kind: 'ClusterRoleBinding', metadata: metadataOf(name), roleRef: { apiGroup, kind: 'ClusterRole', name } },
  subjects: [...subjects],
})

export const role = (namespace: string, name: string, rules: readonly PolicyRule[]): Role => ({
  ...{ apiVersion, kind: 'Role', metadata: { ...metadataOf(name), namespace } },
  rules: [...rules],
})

type Bound = { readonly name?: string; readonly role: string; readonly subjects: readonly Subject[] }

export const binding = (namespace: string, { role: bound, name = bound, subjects }: Bound): RoleBinding => ({
  ...{ apiVersion, kind: 'RoleBinding', metadata: { ...metadataOf(name), namespace } },
  roleRef: { apiGroup, kind: 'Role', name: bound } satisfies RoleRef,
  subjects: [...subjects],
})

export const user = (name: string): Subject => ({ apiGroup, kind: 'User', name })
export const group = (name: string): Subject => ({ apiGroup, kind: 'Group', name })
export const systemAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
