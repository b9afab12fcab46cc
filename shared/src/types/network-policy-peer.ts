import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { f, message, opt } from './field.ts'
import { int32, intOrString, text } from './scalars.ts'

export const networkPolicyPort = message('networking.k8s.io/v1.NetworkPolicyPort', {
  protocol: opt(1, text, { description: 'TCP, UDP or SCTP.', ptr: true }),
  port: opt(2, intOrString, { description: 'By number or name; by default all.', ptr: true }),
  endPort: opt(3, int32, { description: 'The last of several.', ptr: true }),
})
export type NetworkPolicyPort = z.infer<typeof networkPolicyPort>

export const ipBlock = message('networking.k8s.io/v1.IPBlock', {
  cidr: f(1, text.default(''), { description: 'A network: 192.168.1.0/24.' }),
  except: opt(2, z.array(text), { description: 'Networks in it that are not meant.', list: 'atomic' }),
})
export type IPBlock = z.infer<typeof ipBlock>

export const networkPolicyPeer = message('networking.k8s.io/v1.NetworkPolicyPeer', {
  podSelector: opt(1, labelSelector, { description: 'Pods, of the same namespace if no other is told.' }),
  namespaceSelector: opt(2, labelSelector, { description: 'Namespaces.' }),
  ipBlock: opt(3, ipBlock, { description: 'Addresses.' }),
})
export type NetworkPolicyPeer = z.infer<typeof networkPolicyPeer>
