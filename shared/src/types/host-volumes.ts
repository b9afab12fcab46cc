import type * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { int32, quantity, text } from './scalars.ts'

export const hostPathVolumeSource = message('HostPathVolumeSource', {
  path: f(1, text),
  type: f(2, oneOf('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket').default(''), {
    ptr: true,
  }),
})
export type HostPathVolumeSource = z.infer<typeof hostPathVolumeSource>

export const emptyDirVolumeSource = message('EmptyDirVolumeSource', {
  medium: opt(1, text),
  sizeLimit: opt(2, quantity),
  mode: opt(3, int32, { ptr: true }),
})
export type EmptyDirVolumeSource = z.infer<typeof emptyDirVolumeSource>

export const gitRepoVolumeSource = message('GitRepoVolumeSource', {
  repository: f(1, text),
  revision: opt(2, text),
  directory: opt(3, text),
})
export type GitRepoVolumeSource = z.infer<typeof gitRepoVolumeSource>

export const imageVolumeSource = message('ImageVolumeSource', {
  reference: opt(1, text),
  pullPolicy: opt(2, oneOf('Always', 'IfNotPresent', 'Never')),
})
export type ImageVolumeSource = z.infer<typeof imageVolumeSource>
