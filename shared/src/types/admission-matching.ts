import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, inlined, message, oneOf, opt } from './field.ts'
import { text } from './scalars.ts'

const group = 'admissionregistration.k8s.io/v1'

export const rule = message(`${group}.Rule`, {
  apiGroups: opt(1, z.array(text), { description: 'The groups of the resources; * for all.', list: 'atomic' }),
  apiVersions: opt(2, z.array(text), { description: 'Their versions; * for all.', list: 'atomic' }),
  resources: opt(3, z.array(text), { description: 'The resources, as pods, pods/log, */scale or *.', list: 'atomic' }),
  scope: f(4, oneOf('*', 'Cluster', 'Namespaced').default('*'), {
    description: 'Those with a namespace, those without, or both.',
    ptr: true,
  }),
})
export type Rule = z.infer<typeof rule>

export const ruleWithOperations = message(
  `${group}.RuleWithOperations`,
  {
    operations: opt(1, z.array(oneOf('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')), {
      description: 'What is done to them; * for all.',
      list: 'atomic',
    }),
    ...rule.shape,
  },
  { inline: [inlined(2, rule)] },
)
export type RuleWithOperations = z.infer<typeof ruleWithOperations>

/** Of one version of the group: all have them, each under its own name. */
export function matchingTypes(version: string) {
  const namedRuleWithOperations = message(
    `${version}.NamedRuleWithOperations`,
    {
      resourceNames: opt(1, z.array(text), { description: 'The names of the objects it is limited to.', list: 'atomic' }),
      ...ruleWithOperations.shape,
    },
    { map: 'atomic', inline: [inlined(2, ruleWithOperations)] },
  )
  const matchCondition = message(`${version}.MatchCondition`, {
    name: f(1, text, { description: 'What it is called.' }),
    expression: f(2, text, { description: 'What must be true of a request, in CEL.' }),
  })
  const matchResources = message(
    `${version}.MatchResources`,
    {
      namespaceSelector: f(1, labelSelector.default({}), { description: 'The namespaces of the objects.' }),
      objectSelector: f(2, labelSelector.default({}), { description: 'The labels of the objects.' }),
      resourceRules: opt(3, z.array(namedRuleWithOperations), { description: 'What requests it is about.', list: 'atomic' }),
      excludeResourceRules: opt(4, z.array(namedRuleWithOperations), { description: 'What requests it is not about.', list: 'atomic' }),
      matchPolicy: f(7, oneOf('Equivalent', 'Exact').default('Equivalent'), {
        description: 'Whether other versions of what is named count as well.',
        ptr: true,
      }),
    },
    { map: 'atomic' },
  )
  return { namedRuleWithOperations, matchCondition, matchResources }
}

export const { namedRuleWithOperations, matchCondition, matchResources } = matchingTypes(group)
export type NamedRuleWithOperations = z.infer<typeof namedRuleWithOperations>
export type MatchCondition = z.infer<typeof matchCondition>
export type MatchResources = z.infer<typeof matchResources>
