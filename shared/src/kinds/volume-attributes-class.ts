import * as z from 'zod'
import { type FieldError, fieldForbidden, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { stringMap, text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { validateParameters, validateProvisioner } from './rules/storage.ts'

export const volumeAttributesClass = message('storage.k8s.io/v1.VolumeAttributesClass', {
  apiVersion: z.literal('storage.k8s.io/v1'),
  kind: z.literal('VolumeAttributesClass'),
  metadata: f(1, objectMeta),
  driverName: f(2, text, { description: 'The driver that understands it; never changes.' }),
  parameters: opt(3, stringMap, { description: 'What only the driver understands; never changes.' }),
})
export type VolumeAttributesClass = z.infer<typeof volumeAttributesClass>

export const volumeAttributesClasses = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  namespaced: false,
  schema: volumeAttributesClass,
  description: 'Attributes of volumes that may change while they are used, such as how fast they are.',
  columns: [
    nameColumn,
    { name: 'DriverName', type: 'string', description: 'The driver that understands it.', cell: ({ driverName }) => driverName },
    ageColumn,
  ],
  validate: ({ driverName, parameters }) => [
    ...validateProvisioner('driverName', driverName),
    ...validateParameters('parameters', parameters),
    ...(Object.keys(parameters ?? {}).length === 0 ? [fieldRequired('parameters', 'must contain at least one key/value pair')] : []),
  ],
  validateUpdate: (next, previous) =>
    (['driverName', 'parameters'] as const).flatMap((field): FieldError[] =>
      isSameJson(next[field] ?? {}, previous[field] ?? {}) ? [] : [fieldForbidden(field, `updates to ${field} are forbidden.`)],
    ),
})
