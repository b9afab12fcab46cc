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
  name: opt(1, text, { description: 'A name by which Services and probes can refer to the port.' }),
  hostPort: opt(2, int32, { description: 'A port of the node that leads to this one.' }),
  containerPort: f(3, int32, { description: 'The port in the container.' }),
  protocol: f(4, oneOf('SCTP', 'TCP', 'UDP').default('TCP'), { description: 'TCP, UDP or SCTP.' }),
  hostIP: opt(5, text, { description: 'The address of the node for hostPort; by default all.' }),
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

export const container = message(
  'Container',
  {
    name: f(1, text, { description: 'Unique in the pod; a DNS label.' }),
    image: opt(2, text, { description: 'The image to run, such as busybox:1.36.' }),
    command: opt(3, z.array(text), {
      description: 'What to run in place of the entry point of the image; no shell is involved.',
      list: 'atomic',
    }),
    args: opt(4, z.array(text), { description: 'Arguments in place of those of the image.', list: 'atomic' }),
    workingDir: opt(5, text, { description: 'The directory to start in.' }),
    ports: opt(6, z.array(containerPort), {
      description: 'The ports it listens on. Others can be reached as well; these have names.',
      list: 'map',
      keys: ['containerPort', 'protocol'],
      patch: 'merge',
      key: 'containerPort',
    }),
    envFrom: opt(19, z.array(envFromSource), { description: 'ConfigMaps and Secrets whose entries become variables.', list: 'atomic' }),
    env: opt(7, z.array(envVar), {
      description: 'Variables; they win over those of envFrom.',
      list: 'map',
      keys: ['name'],
      patch: 'merge',
      key: 'name',
    }),
    resources: f(8, resourceRequirements.default({}), { description: 'CPU, memory and other resources it needs and may use.' }),
    resizePolicy: opt(23, z.array(containerResizePolicy), { list: 'atomic' }),
    restartPolicy: opt(24, oneOf('Always', 'Never', 'OnFailure'), { description: 'Always makes an init container a sidecar.', ptr: true }),
    restartPolicyRules: opt(25, z.array(containerRestartRule), { list: 'atomic' }),
    volumeMounts: opt(9, z.array(volumeMount), {
      description: 'Volumes of the pod, and where they appear in the container.',
      list: 'map',
      keys: ['mountPath'],
      patch: 'merge',
      key: 'mountPath',
    }),
    volumeDevices: opt(21, z.array(volumeDevice), {
      description: 'Raw block devices.',
      list: 'map',
      keys: ['devicePath'],
      patch: 'merge',
      key: 'devicePath',
    }),
    livenessProbe: opt(10, probe, { description: 'When this fails, the container is restarted.' }),
    readinessProbe: opt(11, probe, { description: 'While this fails, Services send no traffic to the pod.' }),
    startupProbe: opt(22, probe, { description: 'The other probes wait until this has succeeded once.' }),
    lifecycle: opt(12, lifecycle, { description: 'What to do right after the start and right before the end.' }),
    terminationMessagePath: f(13, text.default('/dev/termination-log'), {
      description: 'The file into which a container writes why it ended.',
    }),
    terminationMessagePolicy: f(20, oneOf('FallbackToLogsOnError', 'File').default('File'), {
      description: 'Whether the end of the log stands in when that file is empty.',
    }),
    imagePullPolicy: opt(14, oneOf('Always', 'IfNotPresent', 'Never'), {
      description:
        'When the image is pulled: always, when the node does not have it, or never. Always by default for the tag latest, else IfNotPresent.',
    }),
    securityContext: opt(15, securityContext, { description: 'User, groups and rights of the container.' }),
    stdin: opt(16, bool, { description: 'Keep its standard input open.' }),
    stdinOnce: opt(17, bool),
    tty: opt(18, bool, { description: 'Give it a terminal.' }),
  },
  { description: 'One container of a pod.' },
)
export type Container = z.infer<typeof container>
