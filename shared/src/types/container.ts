import * as z from 'zod'
import { envFromSource, envVar } from './env.ts'
import { lifecycle } from './lifecycle.ts'
import { probe } from './probe.ts'
import { resourceRequirements } from './resources.ts'
import { securityContext } from './security-context.ts'
import { volumeDevice, volumeMount } from './volume-mount.ts'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int32, text } from './scalars.ts'

export const containerPort = message('ContainerPort', {
  name: opt(1, text),
  hostPort: opt(2, int32),
  containerPort: f(3, int32),
  protocol: f(4, oneOf('SCTP', 'TCP', 'UDP').default('TCP')),
  hostIP: opt(5, text),
})
export type ContainerPort = z.infer<typeof containerPort>

export const containerResizePolicy = message('ContainerResizePolicy', {
  resourceName: f(1, text),
  restartPolicy: f(2, oneOf('NotRequired', 'RestartContainer')),
})
export type ContainerResizePolicy = z.infer<typeof containerResizePolicy>

export const containerRestartRuleOnExitCodes = message('ContainerRestartRuleOnExitCodes', {
  operator: opt(1, oneOf('In', 'NotIn')),
  values: opt(2, z.array(int32), { list: 'set' }),
})
export type ContainerRestartRuleOnExitCodes = z.infer<typeof containerRestartRuleOnExitCodes>

export const containerRestartRule = message('ContainerRestartRule', {
  action: opt(1, oneOf('Restart', 'RestartAllContainers')),
  exitCodes: opt(2, containerRestartRuleOnExitCodes),
})
export type ContainerRestartRule = z.infer<typeof containerRestartRule>

export const container = message('Container', {
  name: f(1, text),
  image: opt(2, text),
  command: opt(3, z.array(text), { list: 'atomic' }),
  args: opt(4, z.array(text), { list: 'atomic' }),
  workingDir: opt(5, text),
  ports: opt(6, z.array(containerPort), { list: 'map', keys: ['containerPort', 'protocol'], patch: 'merge', key: 'containerPort' }),
  envFrom: opt(19, z.array(envFromSource), { list: 'atomic' }),
  env: opt(7, z.array(envVar), { list: 'map', keys: ['name'], patch: 'merge', key: 'name' }),
  resources: f(8, resourceRequirements.default({})),
  resizePolicy: opt(23, z.array(containerResizePolicy), { list: 'atomic' }),
  restartPolicy: opt(24, oneOf('Always', 'Never', 'OnFailure'), { ptr: true }),
  restartPolicyRules: opt(25, z.array(containerRestartRule), { list: 'atomic' }),
  volumeMounts: opt(9, z.array(volumeMount), { list: 'map', keys: ['mountPath'], patch: 'merge', key: 'mountPath' }),
  volumeDevices: opt(21, z.array(volumeDevice), { list: 'map', keys: ['devicePath'], patch: 'merge', key: 'devicePath' }),
  livenessProbe: opt(10, probe),
  readinessProbe: opt(11, probe),
  startupProbe: opt(22, probe),
  lifecycle: opt(12, lifecycle),
  terminationMessagePath: f(13, text.default('/dev/termination-log')),
  terminationMessagePolicy: f(20, oneOf('FallbackToLogsOnError', 'File').default('File')),
  imagePullPolicy: opt(14, oneOf('Always', 'IfNotPresent', 'Never')),
  securityContext: opt(15, securityContext),
  stdin: opt(16, bool),
  stdinOnce: opt(17, bool),
  tty: opt(18, bool),
})
export type Container = z.infer<typeof container>
