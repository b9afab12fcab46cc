import * as z from 'zod'
import { nodeConfigSource } from './node-spec.ts'
import { f, message, opt } from './field.ts'
import { bool, conditionStatus, int32OrZero, int64, resourceList, text, textOrEmpty, time } from './scalars.ts'

export const nodeCondition = message('NodeCondition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  lastHeartbeatTime: opt(3, time, { byValue: true }),
  lastTransitionTime: opt(4, time, { byValue: true }),
  reason: opt(5, text),
  message: opt(6, text),
})
export type NodeCondition = z.infer<typeof nodeCondition>

export const nodeAddress = message('NodeAddress', {
  type: f(1, textOrEmpty),
  address: f(2, textOrEmpty),
})
export type NodeAddress = z.infer<typeof nodeAddress>

export const daemonEndpoint = message('DaemonEndpoint', {
  Port: f(1, int32OrZero),
})
export type DaemonEndpoint = z.infer<typeof daemonEndpoint>

export const nodeDaemonEndpoints = message('NodeDaemonEndpoints', {
  kubeletEndpoint: opt(1, daemonEndpoint, { byValue: true }),
})
export type NodeDaemonEndpoints = z.infer<typeof nodeDaemonEndpoints>

export const nodeSwapStatus = message('NodeSwapStatus', {
  capacity: opt(1, int64, { ptr: true }),
})
export type NodeSwapStatus = z.infer<typeof nodeSwapStatus>

export const nodeSystemInfo = message('NodeSystemInfo', {
  machineID: f(1, textOrEmpty),
  systemUUID: f(2, textOrEmpty),
  bootID: f(3, textOrEmpty),
  kernelVersion: f(4, textOrEmpty),
  osImage: f(5, textOrEmpty),
  containerRuntimeVersion: f(6, textOrEmpty),
  kubeletVersion: f(7, textOrEmpty),
  kubeProxyVersion: f(8, textOrEmpty),
  operatingSystem: f(9, textOrEmpty),
  architecture: f(10, textOrEmpty),
  swap: opt(11, nodeSwapStatus),
})
export type NodeSystemInfo = z.infer<typeof nodeSystemInfo>

export const containerImage = message('ContainerImage', {
  names: opt(1, z.array(text), { list: 'atomic' }),
  sizeBytes: opt(2, int64),
})
export type ContainerImage = z.infer<typeof containerImage>

export const attachedVolume = message('AttachedVolume', {
  name: f(1, textOrEmpty),
  devicePath: f(2, textOrEmpty),
})
export type AttachedVolume = z.infer<typeof attachedVolume>

export const nodeConfigStatus = message('NodeConfigStatus', {
  assigned: opt(1, nodeConfigSource),
  active: opt(2, nodeConfigSource),
  lastKnownGood: opt(3, nodeConfigSource),
  error: opt(4, text),
})
export type NodeConfigStatus = z.infer<typeof nodeConfigStatus>

export const nodeRuntimeHandlerFeatures = message('NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: opt(1, bool, { ptr: true }),
  userNamespaces: opt(2, bool, { ptr: true }),
})
export type NodeRuntimeHandlerFeatures = z.infer<typeof nodeRuntimeHandlerFeatures>

export const nodeRuntimeHandler = message('NodeRuntimeHandler', {
  name: opt(1, text),
  features: opt(2, nodeRuntimeHandlerFeatures),
})
export type NodeRuntimeHandler = z.infer<typeof nodeRuntimeHandler>

export const nodeFeatures = message('NodeFeatures', {
  supplementalGroupsPolicy: opt(1, bool, { ptr: true }),
})
export type NodeFeatures = z.infer<typeof nodeFeatures>

export const nodeStatus = message(
  'NodeStatus',
  {
    capacity: opt(1, resourceList, { description: 'What the machine has.' }),
    allocatable: opt(2, resourceList, { description: 'What of it pods may use.' }),
    phase: opt(3, text),
    conditions: opt(4, z.array(nodeCondition), {
      description: 'What is true of the node, and since when.',
      list: 'map',
      keys: ['type'],
      patch: 'merge',
      key: 'type',
    }),
    addresses: opt(5, z.array(nodeAddress), {
      description: 'How it can be reached.',
      list: 'map',
      keys: ['type'],
      patch: 'merge',
      key: 'type',
    }),
    daemonEndpoints: opt(6, nodeDaemonEndpoints, { byValue: true }),
    nodeInfo: opt(7, nodeSystemInfo, { description: 'Versions and identity of the machine.', byValue: true }),
    images: opt(8, z.array(containerImage), { description: 'Images that are on the node.', list: 'atomic' }),
    volumesInUse: opt(9, z.array(text), { list: 'atomic' }),
    volumesAttached: opt(10, z.array(attachedVolume), { list: 'atomic' }),
    config: opt(11, nodeConfigStatus),
    runtimeHandlers: opt(12, z.array(nodeRuntimeHandler), { list: 'atomic' }),
    features: opt(13, nodeFeatures),
    declaredFeatures: opt(14, z.array(text), { list: 'atomic' }),
  },
  { description: 'What a node tells about itself.' },
)
export type NodeStatus = z.infer<typeof nodeStatus>
