import * as z from 'zod'
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './cloud-volumes.ts'
import { f, message, opt } from './field.ts'
import { hostPathVolumeSource } from './host-volumes.ts'
import { fcVolumeSource, flockerVolumeSource, nfsVolumeSource, portworxVolumeSource, quobyteVolumeSource } from './network-volumes.ts'
import { objectReference } from './references.ts'
import { bool, int32, stringMap, text, textOrEmpty } from './scalars.ts'

/** A Secret of any namespace: what is mounted for a cluster does not lie in the namespace of a pod. */
export const secretReference = message('SecretReference', { name: opt(1, text), namespace: opt(2, text) }, { map: 'atomic' })
export type SecretReference = z.infer<typeof secretReference>

export const glusterfsPersistentVolumeSource = message('GlusterfsPersistentVolumeSource', {
  endpoints: f(1, textOrEmpty),
  path: f(2, textOrEmpty),
  readOnly: opt(3, bool),
  endpointsNamespace: opt(4, text, { ptr: true }),
})

export const rbdPersistentVolumeSource = message('RBDPersistentVolumeSource', {
  monitors: f(1, z.array(text).default([]), { list: 'atomic' }),
  image: f(2, textOrEmpty),
  fsType: opt(3, text),
  pool: f(4, text.default('rbd')),
  user: f(5, text.default('admin')),
  keyring: f(6, text.default('/etc/ceph/keyring')),
  secretRef: opt(7, secretReference),
  readOnly: opt(8, bool),
})

export const cinderPersistentVolumeSource = message('CinderPersistentVolumeSource', {
  volumeID: f(1, textOrEmpty),
  fsType: opt(2, text),
  readOnly: opt(3, bool),
  secretRef: opt(4, secretReference),
})

export const cephFSPersistentVolumeSource = message('CephFSPersistentVolumeSource', {
  monitors: f(1, z.array(text).default([]), { list: 'atomic' }),
  path: opt(2, text),
  user: opt(3, text),
  secretFile: opt(4, text),
  secretRef: opt(5, secretReference),
  readOnly: opt(6, bool),
})

export const flexPersistentVolumeSource = message('FlexPersistentVolumeSource', {
  driver: f(1, textOrEmpty),
  fsType: opt(2, text),
  secretRef: opt(3, secretReference),
  readOnly: opt(4, bool),
  options: opt(5, stringMap),
})

export const iscsiPersistentVolumeSource = message('ISCSIPersistentVolumeSource', {
  targetPortal: f(1, textOrEmpty),
  iqn: f(2, textOrEmpty),
  lun: f(3, int32.default(0)),
  iscsiInterface: f(4, text.default('default')),
  fsType: opt(5, text),
  readOnly: opt(6, bool),
  portals: opt(7, z.array(text), { list: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, secretReference),
  initiatorName: opt(12, text, { ptr: true }),
})

export const azureFilePersistentVolumeSource = message('AzureFilePersistentVolumeSource', {
  secretName: f(1, textOrEmpty),
  shareName: f(2, textOrEmpty),
  readOnly: opt(3, bool),
  secretNamespace: opt(4, text, { ptr: true }),
})

export const scaleIOPersistentVolumeSource = message('ScaleIOPersistentVolumeSource', {
  gateway: f(1, textOrEmpty),
  system: f(2, textOrEmpty),
  secretRef: f(3, secretReference),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, text),
  storagePool: opt(6, text),
  storageMode: f(7, text.default('ThinProvisioned')),
  volumeName: opt(8, text),
  fsType: f(9, text.default('xfs')),
  readOnly: opt(10, bool),
})

export const storageOSPersistentVolumeSource = message('StorageOSPersistentVolumeSource', {
  volumeName: opt(1, text),
  volumeNamespace: opt(2, text),
  fsType: opt(3, text),
  readOnly: opt(4, bool),
  secretRef: opt(5, objectReference),
})

export const localVolumeSource = message('LocalVolumeSource', {
  path: f(1, textOrEmpty, { description: 'The path on the node; its nodeAffinity says which node.' }),
  fsType: opt(2, text, { ptr: true }),
})

export const csiPersistentVolumeSource = message('CSIPersistentVolumeSource', {
  driver: f(1, textOrEmpty),
  volumeHandle: f(2, textOrEmpty),
  readOnly: opt(3, bool),
  fsType: opt(4, text),
  volumeAttributes: opt(5, stringMap),
  controllerPublishSecretRef: opt(6, secretReference),
  nodeStageSecretRef: opt(7, secretReference),
  nodePublishSecretRef: opt(8, secretReference),
  controllerExpandSecretRef: opt(9, secretReference),
  nodeExpandSecretRef: opt(10, secretReference),
})
export type CSIPersistentVolumeSource = z.infer<typeof csiPersistentVolumeSource>

export const persistentVolumeSource = message('PersistentVolumeSource', {
  gcePersistentDisk: opt(1, gcePersistentDiskVolumeSource),
  awsElasticBlockStore: opt(2, awsElasticBlockStoreVolumeSource),
  hostPath: opt(3, hostPathVolumeSource, { description: 'A directory of the node.' }),
  glusterfs: opt(4, glusterfsPersistentVolumeSource),
  nfs: opt(5, nfsVolumeSource, { description: 'A directory of an NFS server.' }),
  rbd: opt(6, rbdPersistentVolumeSource),
  iscsi: opt(7, iscsiPersistentVolumeSource),
  cinder: opt(8, cinderPersistentVolumeSource),
  cephfs: opt(9, cephFSPersistentVolumeSource),
  fc: opt(10, fcVolumeSource),
  flocker: opt(11, flockerVolumeSource),
  flexVolume: opt(12, flexPersistentVolumeSource),
  azureFile: opt(13, azureFilePersistentVolumeSource),
  vsphereVolume: opt(14, vsphereVirtualDiskVolumeSource),
  quobyte: opt(15, quobyteVolumeSource),
  azureDisk: opt(16, azureDiskVolumeSource),
  photonPersistentDisk: opt(17, photonPersistentDiskVolumeSource),
  portworxVolume: opt(18, portworxVolumeSource),
  scaleIO: opt(19, scaleIOPersistentVolumeSource),
  local: opt(20, localVolumeSource, { description: 'A disk or directory of one node.' }),
  storageos: opt(21, storageOSPersistentVolumeSource),
  csi: opt(22, csiPersistentVolumeSource, { description: 'What a CSI driver keeps.' }),
})
export type PersistentVolumeSource = z.infer<typeof persistentVolumeSource>
