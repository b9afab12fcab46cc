import * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { localObjectReference, typedLocalObjectReference, typedObjectReference } from './references.ts'
import { volumeResourceRequirements } from './resources.ts'
import { f, message, oneOf, opt } from './field.ts'
import { bool, stringMap, text } from './scalars.ts'

export const persistentVolumeClaimVolumeSource = message('PersistentVolumeClaimVolumeSource', {
  claimName: f(1, text),
  readOnly: opt(2, bool),
})
export type PersistentVolumeClaimVolumeSource = z.infer<typeof persistentVolumeClaimVolumeSource>

export const persistentVolumeClaimSpec = message('PersistentVolumeClaimSpec', {
  accessModes: opt(1, z.array(text), { list: 'atomic' }),
  selector: opt(4, labelSelector),
  resources: opt(2, volumeResourceRequirements, { byValue: true }),
  volumeName: opt(3, text),
  storageClassName: opt(5, text, { ptr: true }),
  volumeMode: f(6, oneOf('Block', 'Filesystem').default('Filesystem'), { ptr: true }),
  dataSource: opt(7, typedLocalObjectReference),
  dataSourceRef: opt(8, typedObjectReference),
  volumeAttributesClassName: opt(9, text, { ptr: true }),
})
export type PersistentVolumeClaimSpec = z.infer<typeof persistentVolumeClaimSpec>

export const persistentVolumeClaimTemplate = message('PersistentVolumeClaimTemplate', {
  metadata: opt(1, templateMeta, { byValue: true }),
  spec: f(2, persistentVolumeClaimSpec),
})
export type PersistentVolumeClaimTemplate = z.infer<typeof persistentVolumeClaimTemplate>

export const ephemeralVolumeSource = message('EphemeralVolumeSource', {
  volumeClaimTemplate: opt(1, persistentVolumeClaimTemplate),
})
export type EphemeralVolumeSource = z.infer<typeof ephemeralVolumeSource>

export const csiVolumeSource = message('CSIVolumeSource', {
  driver: f(1, text),
  readOnly: opt(2, bool, { ptr: true }),
  fsType: opt(3, text, { ptr: true }),
  volumeAttributes: opt(4, stringMap),
  nodePublishSecretRef: opt(5, localObjectReference),
})
export type CSIVolumeSource = z.infer<typeof csiVolumeSource>

export const flexVolumeSource = message('FlexVolumeSource', {
  driver: f(1, text),
  fsType: opt(2, text),
  secretRef: opt(3, localObjectReference),
  readOnly: opt(4, bool),
  options: opt(5, stringMap),
})
export type FlexVolumeSource = z.infer<typeof flexVolumeSource>
