import * as z from 'zod'
import { type FieldError, fieldForbidden, fieldNotSupported, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { formatTime } from '../meta/time.ts'
import { defineKind } from '../schema/kind.ts'
import { nodeSelector } from '../types/affinity.ts'
import { f, inlined, message, oneOf, opt } from '../types/field.ts'
import { persistentVolumeSource } from '../types/persistent-volume-source.ts'
import { objectReference } from '../types/references.ts'
import { resourceList, text, time } from '../types/scalars.ts'
import { validateAccessModes } from './rules/claims.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, immutable, requiredAndChecked } from './rules/field-errors.ts'
import { sourceNames, validateCapacity, validateVolumeSource } from './rules/persistent-volume.ts'
import { validateNodeSelector } from './rules/scheduling.ts'
import { volumeWarnings } from './rules/volume-warnings.ts'
import { accessModesText, classText } from './rules/volume-columns.ts'

export const volumeNodeAffinity = message('VolumeNodeAffinity', {
  required: opt(1, nodeSelector, { description: 'The nodes from which the volume can be reached.' }),
})
export type VolumeNodeAffinity = z.infer<typeof volumeNodeAffinity>

export const persistentVolumeSpec = message(
  'PersistentVolumeSpec',
  {
    capacity: opt(1, resourceList, { description: 'How much it holds: {storage: 1Gi}.' }),
    ...persistentVolumeSource.shape,
    accessModes: opt(3, z.array(text), { description: 'How it can be mounted.', list: 'atomic' }),
    claimRef: opt(4, objectReference, { description: 'The claim that it is bound to, or kept for.' }),
    persistentVolumeReclaimPolicy: f(5, text.default('Retain'), { description: 'What becomes of it when its claim is deleted.' }),
    storageClassName: opt(6, text, { description: 'Its class; claims of the same class find it.' }),
    mountOptions: opt(7, z.array(text), { list: 'atomic' }),
    volumeMode: f(8, oneOf('Block', 'Filesystem').default('Filesystem'), { ptr: true }),
    nodeAffinity: opt(9, volumeNodeAffinity, { description: 'On which nodes it can be used.' }),
    volumeAttributesClassName: opt(10, text, { ptr: true }),
  },
  { description: 'What a volume is.', inline: [inlined(2, persistentVolumeSource)] },
)
export type PersistentVolumeSpec = z.infer<typeof persistentVolumeSpec>

export const persistentVolumeStatus = message('PersistentVolumeStatus', {
  phase: opt(1, text, { description: 'Pending, Available, Bound, Released or Failed.' }),
  message: opt(2, text),
  reason: opt(3, text),
  lastPhaseTransitionTime: opt(4, time),
})
export type PersistentVolumeStatus = z.infer<typeof persistentVolumeStatus>

export const persistentVolume = message('PersistentVolume', {
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolume'),
  metadata: f(1, objectMeta),
  spec: f(2, persistentVolumeSpec.prefault({})),
  status: opt(3, persistentVolumeStatus, { byValue: true }),
})
export type PersistentVolume = z.infer<typeof persistentVolume>

export const persistentVolumes = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  schema: persistentVolume,
  description: 'Storage of the cluster that outlives pods. A claim binds it.',
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Capacity', type: 'string', description: 'How much it holds.', cell: ({ spec }) => spec.capacity?.['storage'] ?? '' },
    { name: 'Access Modes', type: 'string', description: 'How it can be mounted.', cell: ({ spec }) => accessModesText(spec.accessModes) },
    {
      name: 'Reclaim Policy',
      type: 'string',
      description: 'What becomes of it when its claim is deleted.',
      cell: ({ spec }) => spec.persistentVolumeReclaimPolicy,
    },
    {
      name: 'Status',
      type: 'string',
      description: 'Available, Bound, Released or Failed.',
      cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating'),
    },
    {
      name: 'Claim',
      type: 'string',
      description: 'The claim that it is bound to.',
      cell: ({ spec: { claimRef } }) => (claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`),
    },
    {
      name: 'StorageClass',
      type: 'string',
      description: 'Its class.',
      cell: ({ metadata, spec }) => classText(metadata, spec.storageClassName),
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      description: 'The class of its attributes.',
      cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    },
    { name: 'Reason', type: 'string', description: 'Why it has failed.', cell: ({ status }) => status?.reason ?? '' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', description: 'Filesystem or Block.', priority: 1, cell: ({ spec }) => spec.volumeMode },
  ],
  prepareForCreate(object, { now }) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now()) }
  },
  prepareForUpdate(next, { status: previous }, { now }) {
    if (next.status?.phase !== undefined && next.status.phase !== previous?.phase) next.status.lastPhaseTransitionTime = formatTime(now())
  },
  validate: ({ spec }) => validateSpec(spec),
  warnings: volumeWarnings,
  validateUpdate: ({ spec }, { spec: previous }) => [
    ...(isSameJson(lastingSource(spec), lastingSource(previous))
      ? []
      : [fieldForbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation')]),
    ...(spec.volumeMode === previous.volumeMode ? [] : [immutable('volumeMode', spec.volumeMode)]),
    ...(previous.nodeAffinity === undefined || isSameJson(spec.nodeAffinity, previous.nodeAffinity)
      ? []
      : [immutable('nodeAffinity', spec.nodeAffinity ?? null)]),
  ],
})

/** The one Secret with which a driver makes a volume larger may be told later. */
function lastingSource(spec: PersistentVolumeSpec): unknown {
  const { controllerExpandSecretRef: _secret, ...csi } = spec.csi ?? {}
  return { ...Object.fromEntries(sourceNames.map((name) => [name, spec[name]])), csi: spec.csi === undefined ? undefined : csi }
}

const policies = ['Delete', 'Recycle', 'Retain']

function validateSpec(spec: PersistentVolumeSpec): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy, storageClassName = '', volumeAttributesClassName: attributes, nodeAffinity } = spec
  const required = nodeAffinity?.required
  return [
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...validateCapacity(spec.capacity, 'spec.capacity'),
    ...(policies.includes(policy) ? [] : [fieldNotSupported('spec.persistentVolumeReclaimPolicy', policy, policies)]),
    ...(nodeAffinity !== undefined && required === undefined
      ? [fieldRequired('spec.nodeAffinity.required', 'must specify required node constraints')]
      : validateNodeSelector(required, 'spec.nodeAffinity.required')),
    ...validateVolumeSource(spec, 'spec'),
    ...(spec.local !== undefined && required === undefined
      ? [fieldRequired('spec.nodeAffinity', 'Local volume requires node affinity')]
      : []),
    ...(policy === 'Recycle' && /^\/+$/.test(spec.hostPath?.path ?? '')
      ? [fieldForbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(storageClassName === '' ? [] : checked('spec.storageClassName', storageClassName, checkDnsSubdomain)),
    ...(attributes === undefined ? [] : requiredAndChecked('spec.volumeAttributesClassName', attributes, checkDnsSubdomain)),
    ...(attributes !== undefined && spec.csi === undefined
      ? [fieldRequired('spec.csi', 'has to be specified when using volumeAttributesClassName')]
      : []),
  ]
}
