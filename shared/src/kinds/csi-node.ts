import * as z from 'zod'
import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { checkQualifiedName } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { int32, text, time } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checked, duplicatesOf, immutable, notNegative } from './rules/field-errors.ts'
import { validateCsiDriverName } from './rules/storage.ts'

export const volumeNodeResources = message('storage.k8s.io/v1.VolumeNodeResources', {
  count: opt(1, int32, { description: 'How many volumes at most.', ptr: true }),
})
export type VolumeNodeResources = z.infer<typeof volumeNodeResources>

export const csiNodeDriver = message('storage.k8s.io/v1.CSINodeDriver', {
  name: f(1, text, { description: 'The name of the driver.' }),
  nodeID: f(2, text, { description: 'What the driver calls the node.' }),
  topologyKeys: opt(3, z.array(text), { description: 'The labels that tell where the node is.', list: 'atomic' }),
  allocatable: opt(4, volumeNodeResources, { description: 'How many volumes of the driver the node can have.' }),
})
export type CSINodeDriver = z.infer<typeof csiNodeDriver>

export const csiNodeSpec = message('storage.k8s.io/v1.CSINodeSpec', {
  drivers: f(1, z.array(csiNodeDriver).default([]), {
    description: 'The drivers that the node has.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
})
export type CSINodeSpec = z.infer<typeof csiNodeSpec>

export const storageHealthCondition = message('storage.k8s.io/v1.StorageHealthCondition', {
  status: f(1, oneOf('StorageDegraded', 'StorageUnreachable')),
  reason: f(2, text),
  message: opt(3, text),
  accessMode: opt(4, oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'), { ptr: true }),
  volumeMode: opt(5, oneOf('Block', 'Filesystem'), { ptr: true }),
  lastTransitionTime: opt(6, time, { byValue: true }),
})
export type StorageHealthCondition = z.infer<typeof storageHealthCondition>

export const storageHealth = message('storage.k8s.io/v1.StorageHealth', {
  name: f(1, text, { description: 'The name of the driver.' }),
  healthConditions: opt(2, z.array(storageHealthCondition), { description: 'What is wrong with its storage.', list: 'atomic' }),
})
export type StorageHealth = z.infer<typeof storageHealth>

export const csiNodeStatus = message('storage.k8s.io/v1.CSINodeStatus', {
  storageHealth: opt(1, z.array(storageHealth), {
    description: 'How the storage of each driver is.',
    list: 'map',
    keys: ['name'],
    patch: 'merge',
    key: 'name',
  }),
})
export type CSINodeStatus = z.infer<typeof csiNodeStatus>

export const csiNode = message('storage.k8s.io/v1.CSINode', {
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('CSINode'),
  metadata: f(1, objectMeta),
  spec: f(2, csiNodeSpec.prefault({}), { description: 'The drivers that the node has.' }),
  status: opt(3, csiNodeStatus, { description: 'How its storage is.', byValue: true }),
})
export type CSINode = z.infer<typeof csiNode>

const longestNodeId = 256

export const csiNodes = defineKind<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  resource: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  schema: csiNode,
  description: 'The drivers of volumes (CSI) that a node has; it is called as the node is.',
  needsRevision: true,
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Drivers', type: 'integer', description: 'How many drivers the node has.', cell: ({ spec }) => spec.drivers.length },
    ageColumn,
  ],
  prepareForCreate(object) {
    delete object.status
  },
  validate: ({ spec: { drivers } }) => {
    const repeated = new Set(duplicatesOf(drivers.map(({ name }) => name)))
    return drivers.flatMap((driver, i) => [
      ...validateDriver(driver, `spec.drivers[${i}]`),
      ...(repeated.has(i) ? [fieldDuplicate(`spec.drivers[${i}].name`, driver.name)] : []),
    ])
  },
  validateUpdate: ({ spec }, { spec: previous }) =>
    spec.drivers.flatMap((driver) => {
      const before = previous.drivers.find(({ name }) => name === driver.name)
      const { allocatable: _now, ...fixed } = driver
      const { allocatable: _before, ...fixedBefore } = before ?? driver
      return isSameJson(fixed, fixedBefore) ? [] : [immutable('spec.drivers', fixed)]
    }),
})

function validateDriver({ name, nodeID, topologyKeys = [], allocatable }: CSINodeDriver, field: string): FieldError[] {
  const repeated = new Set(duplicatesOf(topologyKeys))
  return [
    ...validateCsiDriverName(`${field}.name`, name),
    ...(nodeID === '' ? [fieldRequired(`${field}.nodeID`)] : []),
    ...(nodeID.length > longestNodeId ? [fieldInvalid(`${field}.nodeID`, nodeID, `must be ${longestNodeId} characters or less`)] : []),
    ...notNegative(`${field}.allocatable.count`, allocatable?.count),
    ...topologyKeys.flatMap((key, k) => [
      ...(key === '' ? [fieldRequired(field)] : []),
      ...(repeated.has(k) ? [fieldDuplicate(field, key)] : []),
      ...checked(field, key, checkQualifiedName),
    ]),
  ]
}
