import * as z from 'zod'
import { type FieldError, fieldForbidden } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, stringMap, text } from '../types/scalars.ts'
import { topologySelectorTerm } from '../types/topology-selector.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { immutable } from './rules/field-errors.ts'
import { validateParameters, validateProvisioner, validateTopologies } from './rules/storage.ts'

export const storageClass = message('storage.k8s.io/v1.StorageClass', {
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('StorageClass'),
  metadata: f(1, objectMeta),
  provisioner: f(2, text, { description: 'Who makes its volumes; never changes.' }),
  parameters: opt(3, stringMap, { description: 'What only the provisioner understands; never changes.' }),
  reclaimPolicy: f(4, oneOf('Delete', 'Retain').default('Delete'), {
    description: 'What becomes of a volume that nobody claims any more; never changes.',
    ptr: true,
  }),
  mountOptions: opt(5, z.array(text), { description: 'How its volumes are mounted.', list: 'atomic' }),
  allowVolumeExpansion: opt(6, bool, { description: 'Whether its volumes may grow.', ptr: true }),
  volumeBindingMode: f(7, oneOf('Immediate', 'WaitForFirstConsumer').default('Immediate'), {
    description: 'Whether a volume is made at once, or where the first pod that uses it goes; never changes.',
    ptr: true,
  }),
  allowedTopologies: opt(8, z.array(topologySelectorTerm), { description: 'Where volumes may be made.', list: 'atomic' }),
})
export type StorageClass = z.infer<typeof storageClass>

/** Claims that name no class are of a class that says this. */
export const isDefaultClass = ({ metadata: { annotations = {} } }: Pick<StorageClass, 'metadata'>): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

export const storageClasses = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: storageClass,
  description: 'A sort of volumes that claims can ask for, and who makes them.',
  columns: [
    { ...nameColumn, cell: (object) => `${object.metadata.name}${isDefaultClass(object as StorageClass) ? ' (default)' : ''}` }, // of this kind
    { name: 'Provisioner', type: 'string', description: 'Who makes its volumes.', cell: ({ provisioner }) => provisioner },
    {
      name: 'ReclaimPolicy',
      type: 'string',
      description: 'What becomes of a volume that nobody claims any more.',
      cell: ({ reclaimPolicy }) => reclaimPolicy,
    },
    {
      name: 'VolumeBindingMode',
      type: 'string',
      description: 'When its volumes are made.',
      cell: ({ volumeBindingMode }) => volumeBindingMode,
    },
    {
      name: 'AllowVolumeExpansion',
      type: 'boolean',
      description: 'Whether its volumes may grow.',
      cell: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
  validate: ({ provisioner, parameters, allowedTopologies }) => [
    ...validateProvisioner('provisioner', provisioner),
    ...validateParameters('parameters', parameters),
    ...validateTopologies('allowedTopologies', allowedTopologies),
  ],
  validateUpdate: (next, previous) => [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const).flatMap((field): FieldError[] =>
      isSameJson(next[field] ?? {}, previous[field] ?? {}) ? [] : [fieldForbidden(field, `updates to ${field} are forbidden.`)],
    ),
    ...(next.volumeBindingMode === previous.volumeBindingMode ? [] : [immutable('volumeBindingMode', next.volumeBindingMode)]),
  ],
})
