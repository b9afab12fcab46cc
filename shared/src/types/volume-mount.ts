import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { bool, text } from './scalars.ts'

export const volumeMount = message('VolumeMount', {
  name: f(1, text, { description: 'The volume of the pod.' }),
  readOnly: opt(2, bool, { description: 'Whether it cannot be written to.' }),
  recursiveReadOnly: opt(7, oneOf('Disabled', 'Enabled', 'IfPossible'), { ptr: true }),
  mountPath: f(3, text, { description: 'Where it appears in the container.' }),
  subPath: opt(4, text, { description: 'A path in the volume to mount in place of all of it.' }),
  mountPropagation: opt(5, oneOf('Bidirectional', 'HostToContainer', 'None'), {
    description: 'Whether mounts made later on one side appear on the other.',
    ptr: true,
  }),
  subPathExpr: opt(6, text),
  bindMountOptions: opt(8, z.array(text), { list: 'set' }),
})
export type VolumeMount = z.infer<typeof volumeMount>

export const volumeDevice = message('VolumeDevice', {
  name: f(1, text),
  devicePath: f(2, text),
})
export type VolumeDevice = z.infer<typeof volumeDevice>
