import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { policyRule } from '../types/rbac.ts'
import { roleColumns, validateRules } from './rules/rbac.ts'

export const role = message('rbac.authorization.k8s.io/v1.Role', {
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.literal('Role'),
  metadata: f(1, objectMeta),
  rules: opt(2, z.array(policyRule), { description: 'What it allows; nothing is forbidden by a rule.', list: 'atomic' }),
})
export type Role = z.infer<typeof role>

export const roles = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  resource: 'roles',
  singular: 'role',
  namespaced: true,
  schema: role,
  description: 'Rights within one namespace, which RoleBindings give to somebody.',
  nameRule: 'path-segment',
  createsOnUpdate: true,
  columns: roleColumns,
  validate: ({ rules }) => validateRules(rules, { namespaced: true }),
})
