import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int32, intOrString, stringMap, text } from './scalars.ts'

export const servicePort = message('ServicePort', {
  name: opt(1, text, { description: 'Needed when there are several ports.' }),
  protocol: f(2, oneOf('SCTP', 'TCP', 'UDP').default('TCP'), { description: 'TCP, UDP or SCTP.' }),
  appProtocol: opt(6, text, { ptr: true }),
  port: f(3, int32, { description: 'The port of the Service.' }),
  targetPort: opt(4, intOrString, { description: 'The port of the pods, by number or name; by default the same.' }),
  nodePort: opt(5, int32, { description: 'The port on every node; given by the server or asked for.' }),
})
export type ServicePort = z.infer<typeof servicePort>

export const clientIPConfig = message('ClientIPConfig', {
  timeoutSeconds: opt(1, int32, { ptr: true }),
})
export type ClientIPConfig = z.infer<typeof clientIPConfig>

export const sessionAffinityConfig = message('SessionAffinityConfig', {
  clientIP: opt(1, clientIPConfig),
})
export type SessionAffinityConfig = z.infer<typeof sessionAffinityConfig>

export const serviceSpec = message(
  'ServiceSpec',
  {
    ports: opt(1, z.array(servicePort), {
      description: 'The ports it offers.',
      list: 'map',
      keys: ['port', 'protocol'],
      patch: 'merge',
      key: 'port',
    }),
    selector: opt(2, stringMap, { description: 'The labels of its pods.', map: 'atomic' }),
    clusterIP: opt(3, text, { description: 'Its address in the cluster: given by the server, asked for, or None for a headless Service.' }),
    clusterIPs: opt(18, z.array(text), { list: 'atomic' }),
    type: f(4, oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort').default('ClusterIP'), {
      description: 'ClusterIP: reached from within. NodePort: also on a port of every node. LoadBalancer, ExternalName.',
    }),
    externalIPs: opt(5, z.array(text), { description: 'Further addresses at which nodes accept traffic for it.', list: 'atomic' }),
    sessionAffinity: f(7, oneOf('ClientIP', 'None').default('None'), { description: 'ClientIP keeps one client with one pod.' }),
    loadBalancerIP: opt(8, text),
    loadBalancerSourceRanges: opt(9, z.array(text), { list: 'atomic' }),
    externalName: opt(10, text, { description: 'The name it is an alias of (type ExternalName).' }),
    externalTrafficPolicy: opt(11, oneOf('Cluster', 'Local'), {
      description: 'Local sends traffic from outside only to pods of the node it came to, and keeps the address of the client.',
    }),
    healthCheckNodePort: opt(12, int32),
    publishNotReadyAddresses: opt(13, bool, { description: 'Whether pods count that are not ready.' }),
    sessionAffinityConfig: opt(14, sessionAffinityConfig),
    ipFamilies: opt(19, z.array(oneOf('IPv4', 'IPv6')), { list: 'atomic' }),
    ipFamilyPolicy: opt(17, oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack'), { ptr: true }),
    allocateLoadBalancerNodePorts: opt(20, bool, { ptr: true }),
    loadBalancerClass: opt(21, text, { ptr: true }),
    internalTrafficPolicy: opt(22, oneOf('Cluster', 'Local'), {
      description: 'Local sends traffic from pods only to pods of the same node.',
      ptr: true,
    }),
    trafficDistribution: opt(23, text, { ptr: true }),
  },
  { description: 'What a Service should be.' },
)
export type ServiceSpec = z.infer<typeof serviceSpec>
