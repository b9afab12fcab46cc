import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int32, intOrString, stringMap, text } from './scalars.ts'

export const servicePort = message('ServicePort', {
  name: opt(1, text),
  protocol: f(2, oneOf('SCTP', 'TCP', 'UDP').default('TCP')),
  appProtocol: opt(6, text, { ptr: true }),
  port: f(3, int32),
  targetPort: opt(4, intOrString),
  nodePort: opt(5, int32),
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

export const serviceSpec = message('ServiceSpec', {
  ports: opt(1, z.array(servicePort), { list: 'map', keys: ['port', 'protocol'], patch: 'merge', key: 'port' }),
  selector: opt(2, stringMap, { map: 'atomic' }),
  clusterIP: opt(3, text),
  clusterIPs: opt(18, z.array(text), { list: 'atomic' }),
  type: f(4, oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort').default('ClusterIP')),
  externalIPs: opt(5, z.array(text), { list: 'atomic' }),
  sessionAffinity: f(7, oneOf('ClientIP', 'None').default('None')),
  loadBalancerIP: opt(8, text),
  loadBalancerSourceRanges: opt(9, z.array(text), { list: 'atomic' }),
  externalName: opt(10, text),
  externalTrafficPolicy: opt(11, oneOf('Cluster', 'Local')),
  healthCheckNodePort: opt(12, int32),
  publishNotReadyAddresses: opt(13, bool),
  sessionAffinityConfig: opt(14, sessionAffinityConfig),
  ipFamilies: opt(19, z.array(oneOf('IPv4', 'IPv6')), { list: 'atomic' }),
  ipFamilyPolicy: opt(17, oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack'), { ptr: true }),
  allocateLoadBalancerNodePorts: opt(20, bool, { ptr: true }),
  loadBalancerClass: opt(21, text, { ptr: true }),
  internalTrafficPolicy: opt(22, oneOf('Cluster', 'Local'), { ptr: true }),
  trafficDistribution: opt(23, text, { ptr: true }),
})
export type ServiceSpec = z.infer<typeof serviceSpec>
