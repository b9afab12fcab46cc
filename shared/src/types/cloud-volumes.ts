import type * as z from 'zod'
import { localObjectReference } from './references.ts'
import { f, message, oneOf, opt } from './field.ts'
import { bool, int32, text } from './scalars.ts'

export const gcePersistentDiskVolumeSource = message('GCEPersistentDiskVolumeSource', {
  pdName: f(1, text),
  fsType: opt(2, text),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
})
export type GCEPersistentDiskVolumeSource = z.infer<typeof gcePersistentDiskVolumeSource>

export const awsElasticBlockStoreVolumeSource = message('AWSElasticBlockStoreVolumeSource', {
  volumeID: f(1, text),
  fsType: opt(2, text),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
})
export type AWSElasticBlockStoreVolumeSource = z.infer<typeof awsElasticBlockStoreVolumeSource>

export const cinderVolumeSource = message('CinderVolumeSource', {
  volumeID: f(1, text),
  fsType: opt(2, text),
  readOnly: opt(3, bool),
  secretRef: opt(4, localObjectReference),
})
export type CinderVolumeSource = z.infer<typeof cinderVolumeSource>

export const azureFileVolumeSource = message('AzureFileVolumeSource', {
  secretName: f(1, text),
  shareName: f(2, text),
  readOnly: opt(3, bool),
})
export type AzureFileVolumeSource = z.infer<typeof azureFileVolumeSource>

export const azureDiskVolumeSource = message('AzureDiskVolumeSource', {
  diskName: f(1, text),
  diskURI: f(2, text),
  cachingMode: f(3, oneOf('None', 'ReadOnly', 'ReadWrite').default('ReadWrite'), { ptr: true }),
  fsType: f(4, text.default('ext4'), { ptr: true }),
  readOnly: f(5, bool.default(false), { ptr: true }),
  kind: f(6, oneOf('Dedicated', 'Managed', 'Shared').default('Shared'), { ptr: true }),
})
export type AzureDiskVolumeSource = z.infer<typeof azureDiskVolumeSource>

export const vsphereVirtualDiskVolumeSource = message('VsphereVirtualDiskVolumeSource', {
  volumePath: f(1, text),
  fsType: opt(2, text),
  storagePolicyName: opt(3, text),
  storagePolicyID: opt(4, text),
})
export type VsphereVirtualDiskVolumeSource = z.infer<typeof vsphereVirtualDiskVolumeSource>

export const photonPersistentDiskVolumeSource = message('PhotonPersistentDiskVolumeSource', {
  pdID: f(1, text),
  fsType: opt(2, text),
})
export type PhotonPersistentDiskVolumeSource = z.infer<typeof photonPersistentDiskVolumeSource>
