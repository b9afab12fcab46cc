import * as z from 'zod'
import { containerPort, containerResizePolicy, containerRestartRule } from './container.ts'
import { envFromSource, envVar } from './env.ts'
import { lifecycle } from './lifecycle.ts'
import { probe } from './probe.ts'
import { resourceRequirements } from './resources.ts'
import { securityContext } from './security-context.ts'
import { volumeDevice, volumeMount } from './volume-mount.ts'
import { f, inlined, message, oneOf, opt } from './field.ts'
import { bool, text } from './scalars.ts'

export const ephemeralContainerCommon = message('EphemeralContainerCommon', {
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
export type EphemeralContainerCommon = z.infer<typeof ephemeralContainerCommon>

export const ephemeralContainer = message(
  'EphemeralContainer',
  {
    ...ephemeralContainerCommon.shape,
    targetContainerName: opt(2, text),
  },
  { inline: [inlined(1, ephemeralContainerCommon)] },
)
export type EphemeralContainer = z.infer<typeof ephemeralContainer>
