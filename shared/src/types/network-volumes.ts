import * as z from 'zod'
import { localObjectReference } from './references.ts'
import { f, message, opt } from './field.ts'
import { bool, int32, text } from './scalars.ts'

export const nfsVolumeSource = message('NFSVolumeSource', {
  server: f(1, text),
  path: f(2, text),
  readOnly: opt(3, bool),
})
export type NFSVolumeSource = z.infer<typeof nfsVolumeSource>

export const iscsiVolumeSource = message('ISCSIVolumeSource', {
  targetPortal: f(1, text),
  iqn: f(2, text),
  lun: f(3, int32),
  iscsiInterface: f(4, text.default('default')),
  fsType: opt(5, text),
  readOnly: opt(6, bool),
  portals: opt(7, z.array(text), { list: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, localObjectReference),
  initiatorName: opt(12, text, { ptr: true }),
})
export type ISCSIVolumeSource = z.infer<typeof iscsiVolumeSource>

export const glusterfsVolumeSource = message('GlusterfsVolumeSource', {
  endpoints: f(1, text),
  path: f(2, text),
  readOnly: opt(3, bool),
})
export type GlusterfsVolumeSource = z.infer<typeof glusterfsVolumeSource>

export const rbdVolumeSource = message('RBDVolumeSource', {
  monitors: f(1, z.array(text), { list: 'atomic' }),
  image: f(2, text),
  fsType: opt(3, text),
  pool: f(4, text.default('rbd')),
  user: f(5, text.default('admin')),
  keyring: f(6, text.default('/etc/ceph/keyring')),
  secretRef: opt(7, localObjectReference),
  readOnly: opt(8, bool),
})
export type RBDVolumeSource = z.infer<typeof rbdVolumeSource>

export const cephFSVolumeSource = message('CephFSVolumeSource', {
  monitors: f(1, z.array(text), { list: 'atomic' }),
  path: opt(2, text),
  user: opt(3, text),
  secretFile: opt(4, text),
  secretRef: opt(5, localObjectReference),
  readOnly: opt(6, bool),
})
export type CephFSVolumeSource = z.infer<typeof cephFSVolumeSource>

export const fcVolumeSource = message('FCVolumeSource', {
  targetWWNs: opt(1, z.array(text), { list: 'atomic' }),
  lun: opt(2, int32, { ptr: true }),
  fsType: opt(3, text),
  readOnly: opt(4, bool),
  wwids: opt(5, z.array(text), { list: 'atomic' }),
})
export type FCVolumeSource = z.infer<typeof fcVolumeSource>

export const flockerVolumeSource = message('FlockerVolumeSource', {
  datasetName: opt(1, text),
  datasetUUID: opt(2, text),
})
export type FlockerVolumeSource = z.infer<typeof flockerVolumeSource>

export const quobyteVolumeSource = message('QuobyteVolumeSource', {
  registry: f(1, text),
  volume: f(2, text),
  readOnly: opt(3, bool),
  user: opt(4, text),
  group: opt(5, text),
  tenant: opt(6, text),
})
export type QuobyteVolumeSource = z.infer<typeof quobyteVolumeSource>

export const scaleIOVolumeSource = message('ScaleIOVolumeSource', {
  gateway: f(1, text),
  system: f(2, text),
  secretRef: f(3, localObjectReference),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, text),
  storagePool: opt(6, text),
  storageMode: f(7, text.default('ThinProvisioned')),
  volumeName: opt(8, text),
  fsType: f(9, text.default('xfs')),
  readOnly: opt(10, bool),
})
export type ScaleIOVolumeSource = z.infer<typeof scaleIOVolumeSource>

export const storageOSVolumeSource = message('StorageOSVolumeSource', {
  volumeName: opt(1, text),
  volumeNamespace: opt(2, text),
  fsType: opt(3, text),
  readOnly: opt(4, bool),
  secretRef: opt(5, localObjectReference),
})
export type StorageOSVolumeSource = z.infer<typeof storageOSVolumeSource>

export const portworxVolumeSource = message('PortworxVolumeSource', {
  volumeID: f(1, text),
  fsType: opt(2, text),
  readOnly: opt(3, bool),
})
export type PortworxVolumeSource = z.infer<typeof portworxVolumeSource>
