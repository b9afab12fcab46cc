import type * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { int32, quantity, text } from './scalars.ts'

export const hostPathVolumeSource = message('HostPathVolumeSource', {
  path: f(1, text, { description: 'The path on the node.' }),
  type: f(2, oneOf('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket').default(''), {
    description: 'What must be there, or is made when it is not.',
    ptr: true,
  }),
})
export type HostPathVolumeSource = z.infer<typeof hostPathVolumeSource>

export const emptyDirVolumeSource = message('EmptyDirVolumeSource', {
  medium: opt(1, text, { description: 'Memory keeps it in RAM and off the SD card; it counts as memory of the containers.' }),
  sizeLimit: opt(2, quantity, { description: 'The most it may hold.' }),
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
