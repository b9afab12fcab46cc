import * as z from 'zod'
import { fieldInvalid } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { checkDnsSubdomain } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { parseQuantity } from '../meta/quantity.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { quantity, text } from '../types/scalars.ts'
import { nameColumn } from './rules/columns.ts'
import { checked, immutable } from './rules/field-errors.ts'
import { validateLabelSelector } from './rules/scheduling.ts'

export const csiStorageCapacity = message('storage.k8s.io/v1.CSIStorageCapacity', {
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('CSIStorageCapacity'),
  metadata: f(1, objectMeta),
  nodeTopology: opt(2, labelSelector, { description: 'The nodes that reach this room; never changes.' }),
  storageClassName: f(3, text, { description: 'The class that it is about; never changes.' }),
  capacity: opt(4, quantity, { description: 'How much room there is.' }),
  maximumVolumeSize: opt(5, quantity, { description: 'The largest volume that fits.' }),
})
export type CSIStorageCapacity = z.infer<typeof csiStorageCapacity>

export const csiStorageCapacities = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  schema: csiStorageCapacity,
  description: 'How much room a driver has for volumes of a class, and for which nodes.',
  needsRevision: true,
  columns: [
    nameColumn,
    {
      name: 'StorageClassName',
      type: 'string',
      description: 'The class that it is about.',
      cell: ({ storageClassName }) => storageClassName,
    },
    { name: 'Capacity', type: 'string', description: 'How much room there is.', cell: ({ capacity }) => capacity ?? '<unset>' },
  ],
  validate: ({ nodeTopology, storageClassName, capacity }) => [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...checked('storageClassName', storageClassName, checkDnsSubdomain),
    ...(capacity !== undefined && parseQuantity(capacity).nano < 0n
      ? [fieldInvalid('capacity', capacity, 'must be greater than or equal to 0')]
      : []),
  ],
  validateUpdate: (next, previous) =>
    (['nodeTopology', 'storageClassName'] as const).flatMap((field) =>
      isSameJson(next[field], previous[field]) ? [] : [immutable(field, next[field])],
    ),
})
