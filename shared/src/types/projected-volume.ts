import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { downwardAPIVolumeFile, keyToPath } from './object-volumes.ts'
import { localObjectReference } from './references.ts'
import { f, inlined, message, opt } from './field.ts'
import { bool, int32, int64, stringMap, text } from './scalars.ts'

export const secretProjection = message(
  'SecretProjection',
  {
    ...localObjectReference.shape,
    items: opt(2, z.array(keyToPath), { list: 'atomic' }),
    optional: opt(4, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)] },
)
export type SecretProjection = z.infer<typeof secretProjection>

export const downwardAPIProjection = message('DownwardAPIProjection', {
  items: opt(1, z.array(downwardAPIVolumeFile), { list: 'atomic' }),
})
export type DownwardAPIProjection = z.infer<typeof downwardAPIProjection>

export const configMapProjection = message(
  'ConfigMapProjection',
  {
    ...localObjectReference.shape,
    items: opt(2, z.array(keyToPath), { list: 'atomic' }),
    optional: opt(4, bool, { ptr: true }),
  },
  { inline: [inlined(1, localObjectReference)] },
)
export type ConfigMapProjection = z.infer<typeof configMapProjection>

export const serviceAccountTokenProjection = message('ServiceAccountTokenProjection', {
  audience: opt(1, text),
  expirationSeconds: f(2, int64.default(3600), { ptr: true }),
  path: f(3, text),
  user: opt(4, int64, { ptr: true }),
})
export type ServiceAccountTokenProjection = z.infer<typeof serviceAccountTokenProjection>

export const clusterTrustBundleProjection = message('ClusterTrustBundleProjection', {
  name: opt(1, text, { ptr: true }),
  signerName: opt(2, text, { ptr: true }),
  labelSelector: opt(3, labelSelector),
  optional: opt(5, bool, { ptr: true }),
  path: f(4, text),
  user: opt(6, int64, { ptr: true }),
})
export type ClusterTrustBundleProjection = z.infer<typeof clusterTrustBundleProjection>

export const podCertificateProjection = message('PodCertificateProjection', {
  signerName: opt(1, text),
  keyType: opt(2, text),
  maxExpirationSeconds: opt(3, int32, { ptr: true }),
  credentialBundlePath: opt(4, text),
  keyPath: opt(5, text),
  certificateChainPath: opt(6, text),
  userAnnotations: opt(7, stringMap),
  user: opt(8, int64, { ptr: true }),
})
export type PodCertificateProjection = z.infer<typeof podCertificateProjection>

export const volumeProjection = message('VolumeProjection', {
  secret: opt(1, secretProjection),
  downwardAPI: opt(2, downwardAPIProjection),
  configMap: opt(3, configMapProjection),
  serviceAccountToken: opt(4, serviceAccountTokenProjection),
  clusterTrustBundle: opt(5, clusterTrustBundleProjection),
  podCertificate: opt(6, podCertificateProjection),
})
export type VolumeProjection = z.infer<typeof volumeProjection>

export const projectedVolumeSource = message('ProjectedVolumeSource', {
  sources: opt(1, z.array(volumeProjection), { list: 'atomic' }),
  defaultMode: f(2, int32.default(420), { ptr: true }),
  defaultUser: opt(3, int64, { ptr: true }),
})
export type ProjectedVolumeSource = z.infer<typeof projectedVolumeSource>
