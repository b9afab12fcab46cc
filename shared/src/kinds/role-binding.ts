import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { roleRef, subject } from '../types/rbac.ts'
import { bindingColumns, setBindingDefaults, validateBinding, validateBindingUpdate } from './rules/rbac.ts'

export const roleBinding = message('rbac.authorization.k8s.io/v1.RoleBinding', {
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.literal('RoleBinding'),
  metadata: f(1, objectMeta),
  subjects: opt(2, z.array(subject), { description: 'Who gets the rights.', list: 'atomic' }),
  roleRef: f(3, roleRef, { description: 'The role whose rights it gives; never changes.' }),
})
export type RoleBinding = z.infer<typeof roleBinding>

export const roleBindings = defineKind<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  resource: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema: roleBinding,
  description: 'Gives the rights of a role to users, groups and service accounts, within its namespace.',
  nameRule: 'path-segment',
  createsOnUpdate: true,
  columns: bindingColumns,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, { namespaced: true }),
  validateUpdate: validateBindingUpdate,
})
