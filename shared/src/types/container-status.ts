import * as z from 'zod'
import { resourceRequirements } from './resources.ts'
import { f, message, opt } from './field.ts'
import { bool, boolOrFalse, int32, int32OrZero, int64, int64OrZero, resourceList, text, textOrEmpty, time } from './scalars.ts'

export const containerStateWaiting = message('ContainerStateWaiting', {
  reason: opt(1, text),
  message: opt(2, text),
})
export type ContainerStateWaiting = z.infer<typeof containerStateWaiting>

export const containerStateRunning = message('ContainerStateRunning', {
  startedAt: opt(1, time, { byValue: true }),
})
export type ContainerStateRunning = z.infer<typeof containerStateRunning>

export const containerStateTerminated = message('ContainerStateTerminated', {
  exitCode: f(1, int32OrZero),
  signal: opt(2, int32),
  reason: opt(3, text),
  message: opt(4, text),
  startedAt: opt(5, time, { byValue: true }),
  finishedAt: opt(6, time, { byValue: true }),
  containerID: opt(7, text),
})
export type ContainerStateTerminated = z.infer<typeof containerStateTerminated>

export const containerState = message('ContainerState', {
  waiting: opt(1, containerStateWaiting),
  running: opt(2, containerStateRunning),
  terminated: opt(3, containerStateTerminated),
})
export type ContainerState = z.infer<typeof containerState>

export const volumeMountStatus = message('VolumeMountStatus', {
  name: f(1, textOrEmpty),
  mountPath: f(2, textOrEmpty),
  readOnly: opt(3, bool),
  recursiveReadOnly: opt(4, text, { ptr: true }),
})
export type VolumeMountStatus = z.infer<typeof volumeMountStatus>

export const linuxContainerUser = message('LinuxContainerUser', {
  uid: f(1, int64OrZero),
  gid: f(2, int64OrZero),
  supplementalGroups: opt(3, z.array(int64), { list: 'atomic' }),
})
export type LinuxContainerUser = z.infer<typeof linuxContainerUser>

export const containerUser = message('ContainerUser', {
  linux: opt(1, linuxContainerUser),
})
export type ContainerUser = z.infer<typeof containerUser>

export const resourceHealth = message('ResourceHealth', {
  resourceID: f(1, textOrEmpty),
  health: opt(2, text),
  message: opt(6, text, { ptr: true }),
})
export type ResourceHealth = z.infer<typeof resourceHealth>

export const resourceStatus = message('ResourceStatus', {
  name: f(1, textOrEmpty),
  resources: opt(2, z.array(resourceHealth), { list: 'map', keys: ['resourceID'] }),
})
export type ResourceStatus = z.infer<typeof resourceStatus>

export const containerStatus = message(
  'ContainerStatus',
  {
    name: f(1, textOrEmpty, { description: 'The container of the spec.' }),
    state: opt(2, containerState, { description: 'Waiting, running or terminated, with details.', byValue: true }),
    lastState: opt(3, containerState, { description: 'How the run before ended.', byValue: true }),
    ready: f(4, boolOrFalse, { description: 'Whether its readiness probe succeeds.' }),
    restartCount: f(5, int32OrZero, { description: 'How often it was started again.' }),
    image: f(6, textOrEmpty, { description: 'The image that runs.' }),
    imageID: f(7, textOrEmpty, { description: 'The digest of that image.' }),
    containerID: opt(8, text, { description: 'Its name in the runtime, such as containerd://….' }),
    started: opt(9, bool, { description: 'Whether its startup probe has succeeded.', ptr: true }),
    allocatedResources: opt(10, resourceList),
    resources: opt(11, resourceRequirements),
    volumeMounts: opt(12, z.array(volumeMountStatus), { list: 'map', keys: ['mountPath'], patch: 'merge', key: 'mountPath' }),
    user: opt(13, containerUser),
    allocatedResourcesStatus: opt(14, z.array(resourceStatus), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
    stopSignal: opt(15, text, { ptr: true }),
  },
  { description: 'What has become of a container.' },
)
export type ContainerStatus = z.infer<typeof containerStatus>
