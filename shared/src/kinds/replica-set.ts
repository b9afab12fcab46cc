import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validateSelector, validateTemplate } from './rules/pod-template.ts'
import { validateReplicas } from './rules/counts.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { immutable, notNegative } from './rules/field-errors.ts'
import { ageColumn, nameColumn, templateColumns } from './rules/columns.ts'
import { isSameJson } from '../json/same-json.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { f, message, opt } from '../types/field.ts'
import { conditionStatus, int32, int32OrZero, int64, text, textOrEmpty, time } from '../types/scalars.ts'

export const replicaSetSpec = message(
  'apps/v1.ReplicaSetSpec',
  {
    replicas: f(1, int32.default(1), { description: 'How many pods there should be.', ptr: true }),
    minReadySeconds: opt(4, int32, { description: 'How long a new pod must be ready to count as available.' }),
    selector: f(2, labelSelector, { description: 'The labels of its pods; never changes.', ptr: true }),
    template: f(3, podTemplateSpec, { description: 'What its pods are.' }),
  },
  { description: 'What a ReplicaSet should be.' },
)
export type ReplicaSetSpec = z.infer<typeof replicaSetSpec>

export const replicaSetCondition = message('apps/v1.ReplicaSetCondition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})
export type ReplicaSetCondition = z.infer<typeof replicaSetCondition>

export const replicaSetStatus = message('apps/v1.ReplicaSetStatus', {
  replicas: f(1, int32OrZero, { description: 'How many pods there are.' }),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32, { description: 'How many are ready.' }),
  availableReplicas: opt(5, int32, { description: 'How many have been ready for long enough.' }),
  terminatingReplicas: opt(7, int32, { ptr: true }),
  observedGeneration: opt(3, int64, { description: 'The generation that these numbers are about.' }),
  conditions: opt(6, z.array(replicaSetCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type ReplicaSetStatus = z.infer<typeof replicaSetStatus>

export const replicaSet = message('apps/v1.ReplicaSet', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('ReplicaSet'),
  metadata: f(1, objectMeta),
  spec: f(2, replicaSetSpec),
  status: opt(3, replicaSetStatus, { byValue: true }),
})
export type ReplicaSet = z.infer<typeof replicaSet>

export const replicaSets = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: replicaSet,
  description: 'Keeps a number of equal pods running. A Deployment makes one for each of its revisions.',
  subresources: { status: true, scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' } },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', description: 'How many pods there should be.', cell: ({ spec }) => spec.replicas },
    { name: 'Current', type: 'integer', description: 'How many pods there are.', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', description: 'How many pods are ready.', cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  setDefaults: ({ spec }) => setPodSpecDefaults(spec.template.spec),
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { replicas: 0 }
  },
  prepareForUpdate: countGeneration,
  validate: ({ spec, status }) => [
    ...validateReplicas(status),
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelector(spec.selector, 'deployment'),
    ...validateTemplate(spec, 'ReplicaSet'),
  ],
  validateUpdate: ({ spec }, { spec: previous }) =>
    isSameJson(spec.selector, previous.selector) ? [] : [immutable('spec.selector', spec.selector)],
})
