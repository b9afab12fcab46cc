import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { aggregationRule, policyRule } from '../types/rbac.ts'
import { fieldRequired } from '../api/api-error.ts'
import { roleColumns, validateRules } from './rules/rbac.ts'
import { validateLabelSelector } from './rules/scheduling.ts'

export const clusterRole = message('rbac.authorization.k8s.io/v1.ClusterRole', {
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.literal('ClusterRole'),
  metadata: f(1, objectMeta),
  rules: opt(2, z.array(policyRule), { description: 'What it allows; nothing is forbidden by a rule.', list: 'atomic' }),
  aggregationRule: opt(3, aggregationRule, {
    description: 'With it the rules are those of other ClusterRoles, and nobody else writes them.',
  }),
})
export type ClusterRole = z.infer<typeof clusterRole>

export const clusterRoles = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  resource: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema: clusterRole,
  description: 'Rights in all namespaces or on what has none, which bindings give to somebody.',
  nameRule: 'path-segment',
  createsOnUpdate: true,
  columns: roleColumns,
  validate: ({ rules, aggregationRule: aggregation }) => [
    ...validateRules(rules, { namespaced: false }),
    ...(aggregation === undefined ? [] : validateSelectors(aggregation.clusterRoleSelectors ?? [])),
  ],
})

function validateSelectors(selectors: NonNullable<ClusterRole['aggregationRule']>['clusterRoleSelectors'] & object) {
  const field = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0) return [fieldRequired(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, i) => validateLabelSelector(selector, `${field}[${i}]`))
}
