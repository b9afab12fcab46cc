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
  hostPath: opt(1, hostPathVolumeSource, { description: 'A file or directory of the node. It stays when the pod goes.' }),
  emptyDir: opt(2, emptyDirVolumeSource, { description: 'A directory that starts empty and goes with the pod.' }),
  gcePersistentDisk: opt(3, gcePersistentDiskVolumeSource),
  awsElasticBlockStore: opt(4, awsElasticBlockStoreVolumeSource),
  gitRepo: opt(5, gitRepoVolumeSource),
  secret: opt(6, secretVolumeSource, { description: 'The entries of a Secret as files.' }),
  nfs: opt(7, nfsVolumeSource, { description: 'A directory of an NFS server.' }),
  iscsi: opt(8, iscsiVolumeSource),
  glusterfs: opt(9, glusterfsVolumeSource),
  persistentVolumeClaim: opt(10, persistentVolumeClaimVolumeSource, { description: 'Storage that was claimed.' }),
  rbd: opt(11, rbdVolumeSource),
  flexVolume: opt(12, flexVolumeSource),
  cinder: opt(13, cinderVolumeSource),
  cephfs: opt(14, cephFSVolumeSource),
  flocker: opt(15, flockerVolumeSource),
  downwardAPI: opt(16, downwardAPIVolumeSource, { description: 'Fields of the pod as files.' }),
  fc: opt(17, fcVolumeSource),
  azureFile: opt(18, azureFileVolumeSource),
  configMap: opt(19, configMapVolumeSource, { description: 'The entries of a ConfigMap as files.' }),
  vsphereVolume: opt(20, vsphereVirtualDiskVolumeSource),
  quobyte: opt(21, quobyteVolumeSource),
  azureDisk: opt(22, azureDiskVolumeSource),
  photonPersistentDisk: opt(23, photonPersistentDiskVolumeSource),
  projected: opt(26, projectedVolumeSource, { description: 'Several sources in one directory.' }),
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
    name: f(1, text, { description: 'Unique in the pod; mounts refer to it.' }),
    ...volumeSource.shape,
  },
  { description: 'Storage of a pod under a name.', inline: [inlined(2, volumeSource)] },
)
export type Volume = z.infer<typeof volume>
