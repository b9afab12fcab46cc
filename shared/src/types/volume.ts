import type * as z from 'zod'
import { csiVolumeSource, ephemeralVolumeSource, flexVolumeSource, persistentVolumeClaimVolumeSource } from './claim-volumes.ts'
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cinderVolumeSource,
  gcePersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './cloud-volumes.ts'
import { emptyDirVolumeSource, gitRepoVolumeSource, hostPathVolumeSource, imageVolumeSource } from './host-volumes.ts'
import {
  cephFSVolumeSource,
  fcVolumeSource,
  flockerVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  nfsVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
} from './network-volumes.ts'
import { configMapVolumeSource, downwardAPIVolumeSource, secretVolumeSource } from './object-volumes.ts'
import { projectedVolumeSource } from './projected-volume.ts'
import { f, inlined, message, opt } from './field.ts'
import { text } from './scalars.ts'

export const volumeSource = message('VolumeSource', {
  hostPath: opt(1, hostPathVolumeSource),
  emptyDir: opt(2, emptyDirVolumeSource),
  gcePersistentDisk: opt(3, gcePersistentDiskVolumeSource),
  awsElasticBlockStore: opt(4, awsElasticBlockStoreVolumeSource),
  gitRepo: opt(5, gitRepoVolumeSource),
  secret: opt(6, secretVolumeSource),
  nfs: opt(7, nfsVolumeSource),
  iscsi: opt(8, iscsiVolumeSource),
  glusterfs: opt(9, glusterfsVolumeSource),
  persistentVolumeClaim: opt(10, persistentVolumeClaimVolumeSource),
  rbd: opt(11, rbdVolumeSource),
  flexVolume: opt(12, flexVolumeSource),
  cinder: opt(13, cinderVolumeSource),
  cephfs: opt(14, cephFSVolumeSource),
  flocker: opt(15, flockerVolumeSource),
  downwardAPI: opt(16, downwardAPIVolumeSource),
  fc: opt(17, fcVolumeSource),
  azureFile: opt(18, azureFileVolumeSource),
  configMap: opt(19, configMapVolumeSource),
  vsphereVolume: opt(20, vsphereVirtualDiskVolumeSource),
  quobyte: opt(21, quobyteVolumeSource),
  azureDisk: opt(22, azureDiskVolumeSource),
  photonPersistentDisk: opt(23, photonPersistentDiskVolumeSource),
  projected: opt(26, projectedVolumeSource),
  portworxVolume: opt(24, portworxVolumeSource),
  scaleIO: opt(25, scaleIOVolumeSource),
  storageos: opt(27, storageOSVolumeSource),
  csi: opt(28, csiVolumeSource),
  ephemeral: opt(29, ephemeralVolumeSource),
  image: opt(30, imageVolumeSource),
})
export type VolumeSource = z.infer<typeof volumeSource>

export const volume = message(
  'Volume',
  {
    name: f(1, text),
    ...volumeSource.shape,
  },
  { inline: [inlined(2, volumeSource)] },
)
export type Volume = z.infer<typeof volume>
