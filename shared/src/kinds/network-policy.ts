import * as z from 'zod'
import { formatSelector, labelSelector, selectorOf } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { networkPolicyPeer, networkPolicyPort } from '../types/network-policy-peer.ts'
import { text } from '../types/scalars.ts'
import { ageColumn, nameColumn, orNone } from './rules/columns.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateNetworkPolicy } from './rules/network-policy.ts'

export const networkPolicyIngressRule = message('networking.k8s.io/v1.NetworkPolicyIngressRule', {
  ports: opt(1, z.array(networkPolicyPort), { description: 'To which ports; by default to all.', list: 'atomic' }),
  from: opt(2, z.array(networkPolicyPeer), { description: 'From whom; by default from everybody.', list: 'atomic' }),
})

export const networkPolicyEgressRule = message('networking.k8s.io/v1.NetworkPolicyEgressRule', {
  ports: opt(1, z.array(networkPolicyPort), { description: 'To which ports; by default to all.', list: 'atomic' }),
  to: opt(2, z.array(networkPolicyPeer), { description: 'To whom; by default to everybody.', list: 'atomic' }),
})

export const networkPolicySpec = message(
  'networking.k8s.io/v1.NetworkPolicySpec',
  {
    podSelector: opt(1, labelSelector, { description: 'The pods that it is about; an empty one is all of the namespace.', byValue: true }),
    ingress: opt(2, z.array(networkPolicyIngressRule), { description: 'What may come in.', list: 'atomic' }),
    egress: opt(3, z.array(networkPolicyEgressRule), { description: 'What may go out.', list: 'atomic' }),
    policyTypes: opt(4, z.array(text), { description: 'Of which direction nothing else is let through.', list: 'atomic' }),
  },
  { description: 'What traffic of pods is let through.' },
)
export type NetworkPolicySpec = z.infer<typeof networkPolicySpec>

export const networkPolicy = message('networking.k8s.io/v1.NetworkPolicy', {
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata: f(1, objectMeta),
  spec: f(2, networkPolicySpec.prefault({})),
})
export type NetworkPolicy = z.infer<typeof networkPolicy>

export const networkPolicies = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  schema: networkPolicy,
  description: 'Says which traffic pods may have. What no policy that is about a pod lets through does not reach it.',
  columns: [
    nameColumn,
    {
      name: 'Pod-Selector',
      type: 'string',
      description: 'The pods that it is about.',
      cell: ({ spec }) => orNone(formatSelector(selectorOf(spec.podSelector ?? {}))),
    },
    ageColumn,
  ],
  setDefaults({ spec }) {
    spec.podSelector ??= {}
    const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])]
    for (const { ports = [] } of rules) for (const port of ports) port.protocol ??= 'TCP'
    if ((spec.policyTypes ?? []).length > 0) return
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  },
  prepareForCreate: startGeneration,
  prepareForUpdate: countGeneration,
  validate: ({ spec }) => validateNetworkPolicy(spec, 'spec'),
})
