import * as z from 'zod'
import { containerStatus } from './container-status.ts'
import { resourceRequirements } from './resources.ts'
import { f, message, oneOf, opt } from './field.ts'
import { conditionStatus, int64, resourceList, text, textOrEmpty, time } from './scalars.ts'

export const podCondition = message('PodCondition', {
  type: f(1, text),
  observedGeneration: opt(7, int64),
  status: f(2, conditionStatus),
  lastProbeTime: opt(3, time, { byValue: true }),
  lastTransitionTime: opt(4, time, { byValue: true }),
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

export const podStatus = message(
  'PodStatus',
  {
    observedGeneration: opt(17, int64),
    phase: opt(1, oneOf('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'), {
      description: 'Where the pod is in its life: Pending, Running, Succeeded, Failed or Unknown.',
    }),
    conditions: opt(2, z.array(podCondition), {
      description: 'What is true of the pod, and since when.',
      list: 'map',
      keys: ['type'],
      patch: 'merge',
      key: 'type',
    }),
    message: opt(3, text, { description: 'Why it is in this state.' }),
    reason: opt(4, text, { description: 'The same in one word.' }),
    nominatedNodeName: opt(11, text, { description: 'The node on which room is being made for it.' }),
    hostIP: opt(5, text, { description: 'The address of its node.' }),
    hostIPs: opt(16, z.array(hostIP), { list: 'atomic', patch: 'merge', key: 'ip' }),
    podIP: opt(6, text, { description: 'Its own address.' }),
    podIPs: opt(12, z.array(podIP), { description: 'All of its addresses.', list: 'map', keys: ['ip'], patch: 'merge', key: 'ip' }),
    startTime: opt(7, time, { description: 'When its node took it on.' }),
    initContainerStatuses: opt(10, z.array(containerStatus), { description: 'The init containers.', list: 'atomic' }),
    containerStatuses: opt(8, z.array(containerStatus), { description: 'The containers.', list: 'atomic' }),
    qosClass: opt(9, oneOf('BestEffort', 'Burstable', 'Guaranteed'), { description: 'How hard its claim on CPU and memory is.' }),
    ephemeralContainerStatuses: opt(13, z.array(containerStatus), { list: 'atomic' }),
    resize: opt(14, text),
    resourceClaimStatuses: opt(15, z.array(podResourceClaimStatus), {
      list: 'map',
      keys: ['name'],
      patch: 'merge,retainKeys',
      key: 'name',
    }),
    extendedResourceClaimStatus: opt(18, podExtendedResourceClaimStatus),
    allocatedResources: opt(19, resourceList),
    resources: opt(20, resourceRequirements),
  },
  { description: 'What has become of a pod.' },
)
export type PodStatus = z.infer<typeof podStatus>
