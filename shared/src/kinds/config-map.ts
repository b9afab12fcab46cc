import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { validateConfigData, validateImmutable } from './rules/data.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { bool, bytesMap, stringMap } from '../types/scalars.ts'

export const configMap = message('ConfigMap', {
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata: f(1, objectMeta),
  immutable: opt(4, bool, { description: 'Whether the entries can never change.', ptr: true }),
  data: opt(2, stringMap, { description: 'The entries, as text.' }),
  binaryData: opt(3, bytesMap, { description: 'Entries that are not text, as base64.' }),
})
export type ConfigMap = z.infer<typeof configMap>

export const configMaps = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: configMap,
  description: 'Settings that pods read as variables or files; nothing in it is secret.',
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'integer',
      description: 'How many entries it has.',
      cell: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
  validate: validateConfigData,
  validateUpdate: validateImmutable,
})
