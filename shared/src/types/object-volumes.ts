import * as z from 'zod'
import { objectFieldSelector, resourceFieldSelector } from './env.ts'
import { localObjectReference } from './references.ts'
import { f, inlined, message, opt } from './field.ts'
import { bool, int32, int64, text } from './scalars.ts'

export const keyToPath = message('KeyToPath', {
  key: f(1, text),
  path: f(2, text),
  mode: opt(3, int32, { ptr: true }),
  user: opt(4, int64, { ptr: true }),
})
export type KeyToPath = z.infer<typeof keyToPath>

export const secretVolumeSource = message('SecretVolumeSource', {
  secretName: opt(1, text, { description: 'The Secret, in the namespace of the pod.' }),
  items: opt(2, z.array(keyToPath), {
    description: 'Which entries become files, and how they are called; by default all.',
    list: 'atomic',
  }),
  defaultMode: f(3, int32.default(420), { description: 'The file mode, such as 0644.', ptr: true }),
  optional: opt(4, bool, { description: 'Whether the Secret or its keys may be missing.', ptr: true }),
  defaultUser: opt(5, int64, { ptr: true }),
})
export type SecretVolumeSource = z.infer<typeof secretVolumeSource>

export const configMapVolumeSource = message(
  'ConfigMapVolumeSource',
  {
    ...localObjectReference.shape,
    items: opt(2, z.array(keyToPath), {
      description: 'Which entries become files, and how they are called; by default all.',
      list: 'atomic',
    }),
    defaultMode: f(3, int32.default(420), { description: 'The file mode, such as 0644.', ptr: true }),
    optional: opt(4, bool, { description: 'Whether the ConfigMap or its keys may be missing.', ptr: true }),
    defaultUser: opt(5, int64, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)] },
)
export type ConfigMapVolumeSource = z.infer<typeof configMapVolumeSource>

export const downwardAPIVolumeFile = message('DownwardAPIVolumeFile', {
  path: f(1, text),
  fieldRef: opt(2, objectFieldSelector),
  resourceFieldRef: opt(3, resourceFieldSelector),
  mode: opt(4, int32, { ptr: true }),
  user: opt(5, int64, { ptr: true }),
})
export type DownwardAPIVolumeFile = z.infer<typeof downwardAPIVolumeFile>

export const downwardAPIVolumeSource = message('DownwardAPIVolumeSource', {
  items: opt(1, z.array(downwardAPIVolumeFile), { list: 'atomic' }),
  defaultMode: f(2, int32.default(420), { ptr: true }),
  defaultUser: opt(3, int64, { ptr: true }),
})
export type DownwardAPIVolumeSource = z.infer<typeof downwardAPIVolumeSource>
