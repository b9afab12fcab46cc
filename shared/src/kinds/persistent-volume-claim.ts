import * as z from 'zod'
import { type FieldError, fieldForbidden } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { parseQuantity } from '../meta/quantity.ts'
import { defineKind } from '../schema/kind.ts'
import { persistentVolumeClaimStatus } from '../types/claim-status.ts'
import { type PersistentVolumeClaimSpec, persistentVolumeClaimSpec } from '../types/claim-volumes.ts'
import { f, message, opt } from '../types/field.ts'
import { setClaimDefaults, validateClaimSpec } from './rules/claims.ts'
import { claimWarnings } from './rules/volume-warnings.ts'
import { immutable } from './rules/field-errors.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { accessModesText, classText } from './rules/volume-columns.ts'

export const persistentVolumeClaim = message('PersistentVolumeClaim', {
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata: f(1, objectMeta),
  spec: f(2, persistentVolumeClaimSpec.prefault({})),
  status: opt(3, persistentVolumeClaimStatus, { byValue: true }),
})
export type PersistentVolumeClaim = z.infer<typeof persistentVolumeClaim>

export const persistentVolumeClaims = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  schema: persistentVolumeClaim,
  description: 'Asks for storage. A volume that fits is bound to it, and pods mount it by its name.',
  subresources: { status: true },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Pending, Bound or Lost.',
      cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating'),
    },
    { name: 'Volume', type: 'string', description: 'The volume that is bound to it.', cell: ({ spec }) => spec.volumeName ?? '' },
    {
      name: 'Capacity',
      type: 'string',
      description: 'How much that holds.',
      cell: (claim) => boundOf(claim)?.capacity?.['storage'] ?? (isBound(claim) ? '0' : ''),
    },
    {
      name: 'Access Modes',
      type: 'string',
      description: 'How that can be mounted.',
      cell: (claim) => accessModesText(boundOf(claim)?.accessModes),
    },
    {
      name: 'StorageClass',
      type: 'string',
      description: 'The class that was asked for.',
      cell: ({ metadata, spec }) => classText(metadata, spec.storageClassName),
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      description: 'The class of attributes that was asked for.',
      cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    },
    ageColumn,
    { name: 'VolumeMode', type: 'string', description: 'Filesystem or Block.', priority: 1, cell: ({ spec }) => spec.volumeMode },
  ],
  setDefaults: ({ spec }) => setClaimDefaults(spec),
  prepareForCreate(object) {
    object.status = { phase: 'Pending' }
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: validateChange,
  warnings: claimWarnings,
})

const isBound = ({ spec }: PersistentVolumeClaim) => (spec.volumeName ?? '') !== ''
const boundOf = (claim: PersistentVolumeClaim) => (isBound(claim) ? claim.status : undefined)

/** A claim asks once. Bound, it may ask for more storage and for another class of attributes. */
function validateChange(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): FieldError[] {
  const mayGrow = next.status?.phase === 'Bound'
  const lasting = (spec: PersistentVolumeClaimSpec) => {
    const { volumeAttributesClassName: _class, resources, ...rest } = spec
    const { storage: _storage, ...requests } = resources?.requests ?? {}
    return { ...rest, resources: mayGrow ? { ...resources, requests } : resources, volumeName: previous.spec.volumeName && rest.volumeName }
  }
  const why = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [
    ...(isSameJson(lasting(next.spec), lasting(previous.spec)) ? [] : [fieldForbidden('spec', why)]),
    ...validateSize(next, previous),
    ...(next.spec.volumeMode === previous.spec.volumeMode ? [] : [immutable('volumeMode', next.spec.volumeMode)]),
    ...validateAttributes(next.spec.volumeAttributesClassName, previous.spec.volumeAttributesClassName),
  ]
}

/** What could not grow may be asked for less again, but not for less than there is. */
function validateSize(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): FieldError[] {
  const sizeOf = (amounts: Readonly<Record<string, string>> | undefined) => parseQuantity(amounts?.['storage'] ?? '0').nano
  const wanted = sizeOf(next.spec.resources?.requests)
  const isLess = wanted < sizeOf(previous.spec.resources?.requests)
  return isLess && wanted <= sizeOf(previous.status?.capacity)
    ? [fieldForbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
    : []
}

function validateAttributes(next: string | undefined, previous: string | undefined): FieldError[] {
  if (next === previous || previous === undefined) return []
  const field = 'spec.volumeAttributesClassName'
  if (next === undefined) return [fieldForbidden(field, 'update from non-nil value to nil is forbidden')]
  return next === '' ? [fieldForbidden(field, 'update from non-nil value to an empty string is forbidden')] : []
}
