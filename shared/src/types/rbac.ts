import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, message, opt } from './field.ts'
import { text } from './scalars.ts'

const group = 'rbac.authorization.k8s.io/v1'

export const policyRule = message(`${group}.PolicyRule`, {
  verbs: f(1, z.array(text), {
    description: 'What may be done: get, list, watch, create, update, patch, delete …, or * for all.',
    list: 'atomic',
  }),
  apiGroups: opt(2, z.array(text), { description: 'The groups of the resources; "" is the core group, * all.', list: 'atomic' }),
  resources: opt(3, z.array(text), { description: 'The resources, with subresources as pods/log; * for all.', list: 'atomic' }),
  resourceNames: opt(4, z.array(text), { description: 'The names of the objects it is limited to.', list: 'atomic' }),
  nonResourceURLs: opt(5, z.array(text), { description: 'Paths that are no resources, for ClusterRoles only.', list: 'atomic' }),
})
export type PolicyRule = z.infer<typeof policyRule>

export const subject = message(
  `${group}.Subject`,
  {
    kind: f(1, text, { description: 'User, Group or ServiceAccount.' }),
    apiGroup: opt(2, text, { description: 'Empty for ServiceAccounts, else rbac.authorization.k8s.io.' }),
    name: f(3, text, { description: 'Who it is.' }),
    namespace: opt(4, text, { description: 'Of a ServiceAccount.' }),
  },
  { map: 'atomic' },
)
export type Subject = z.infer<typeof subject>

export const roleRef = message(
  `${group}.RoleRef`,
  {
    apiGroup: opt(1, text, { description: 'rbac.authorization.k8s.io' }),
    kind: f(2, text, { description: 'Role or ClusterRole.' }),
    name: f(3, text, { description: 'The name of the role.' }),
  },
  { map: 'atomic' },
)
export type RoleRef = z.infer<typeof roleRef>

export const aggregationRule = message(`${group}.AggregationRule`, {
  clusterRoleSelectors: opt(1, z.array(labelSelector), { description: 'The ClusterRoles whose rules it takes over.', list: 'atomic' }),
})
export type AggregationRule = z.infer<typeof aggregationRule>
