import * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { bool, text } from './scalars.ts'

export const volumeMount = message('VolumeMount', {
  name: f(1, text),
  readOnly: opt(2, bool),
  recursiveReadOnly: opt(7, oneOf('Disabled', 'Enabled', 'IfPossible'), { ptr: true }),
  mountPath: f(3, text),
  subPath: opt(4, text),
  mountPropagation: opt(5, oneOf('Bidirectional', 'HostToContainer', 'None'), { ptr: true }),
  subPathExpr: opt(6, text),
  bindMountOptions: opt(8, z.array(text), { list: 'set' }),
})
export type VolumeMount = z.infer<typeof volumeMount>

export const volumeDevice = message('VolumeDevice', {
  name: f(1, text),
  devicePath: f(2, text),
})
export type VolumeDevice = z.infer<typeof volumeDevice>
