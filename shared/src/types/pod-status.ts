import * as z from 'zod'
import { containerStatus } from './container-status.ts'
import { resourceRequirements } from './resources.ts'
import { f, message, oneOf, opt } from './field.ts'
import { int64, resourceList, text, textOrEmpty, time } from './scalars.ts'

export const podCondition = message('PodCondition', {
  type: f(1, text),
  observedGeneration: opt(7, int64),
  status: f(2, oneOf('False', 'True', 'Unknown')),
  lastProbeTime: opt(3, time),
  lastTransitionTime: opt(4, time),
  reason: opt(5, text),
  message: opt(6, text),
})
export type PodCondition = z.infer<typeof podCondition>

export const hostIP = message('HostIP', {
  ip: f(1, textOrEmpty),
})
export type HostIP = z.infer<typeof hostIP>

export const podIP = message('PodIP', {
  ip: f(1, textOrEmpty),
})
export type PodIP = z.infer<typeof podIP>

export const podResourceClaimStatus = message('PodResourceClaimStatus', {
  name: f(1, textOrEmpty),
  resourceClaimName: opt(2, text, { ptr: true }),
})
export type PodResourceClaimStatus = z.infer<typeof podResourceClaimStatus>

export const containerExtendedResourceRequest = message('ContainerExtendedResourceRequest', {
  containerName: f(1, textOrEmpty),
  resourceName: f(2, textOrEmpty),
  requestName: f(3, textOrEmpty),
})
export type ContainerExtendedResourceRequest = z.infer<typeof containerExtendedResourceRequest>

export const podExtendedResourceClaimStatus = message('PodExtendedResourceClaimStatus', {
  requestMappings: f(1, z.array(containerExtendedResourceRequest).default([]), { list: 'atomic' }),
  resourceClaimName: f(2, textOrEmpty),
})
export type PodExtendedResourceClaimStatus = z.infer<typeof podExtendedResourceClaimStatus>

export const podStatus = message('PodStatus', {
  observedGeneration: opt(17, int64),
  phase: opt(1, oneOf('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown')),
  conditions: opt(2, z.array(podCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
  message: opt(3, text),
  reason: opt(4, text),
  nominatedNodeName: opt(11, text),
  hostIP: opt(5, text),
  hostIPs: opt(16, z.array(hostIP), { list: 'atomic', patch: 'merge', key: 'ip' }),
  podIP: opt(6, text),
  podIPs: opt(12, z.array(podIP), { list: 'map', keys: ['ip'], patch: 'merge', key: 'ip' }),
  startTime: opt(7, time),
  initContainerStatuses: opt(10, z.array(containerStatus), { list: 'atomic' }),
  containerStatuses: opt(8, z.array(containerStatus), { list: 'atomic' }),
  qosClass: opt(9, oneOf('BestEffort', 'Burstable', 'Guaranteed')),
  ephemeralContainerStatuses: opt(13, z.array(containerStatus), { list: 'atomic' }),
  resize: opt(14, text),
  resourceClaimStatuses: opt(15, z.array(podResourceClaimStatus), { list: 'map', keys: ['name'], patch: 'merge,retainKeys', key: 'name' }),
  extendedResourceClaimStatus: opt(18, podExtendedResourceClaimStatus),
  allocatedResources: opt(19, resourceList),
  resources: opt(20, resourceRequirements),
})
export type PodStatus = z.infer<typeof podStatus>
