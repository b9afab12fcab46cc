import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { roleRef, subject } from '../types/rbac.ts'
import { bindingColumns, setBindingDefaults, validateBinding, validateBindingUpdate } from './rules/rbac.ts'

export const clusterRoleBinding = message('rbac.authorization.k8s.io/v1.ClusterRoleBinding', {
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.literal('ClusterRoleBinding'),
  metadata: f(1, objectMeta),
  subjects: opt(2, z.array(subject), { description: 'Who gets the rights.', list: 'atomic' }),
  roleRef: f(3, roleRef, { description: 'The role whose rights it gives; never changes.' }),
})
export type ClusterRoleBinding = z.infer<typeof clusterRoleBinding>

export const clusterRoleBindings = defineKind<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema: clusterRoleBinding,
  description: 'Gives the rights of a ClusterRole to users, groups and service accounts, in the whole cluster.',
  nameRule: 'path-segment',
  createsOnUpdate: true,
  columns: bindingColumns,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, { namespaced: false }),
  validateUpdate: validateBindingUpdate,
})
