import * as z from 'zod'
import { fieldRequired } from '../api/api-error.ts'
import { formatLabels } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { int32, int32OrZero, int64, stringMap, text, time } from '../types/scalars.ts'
import { ageColumn, nameColumn, podColumnsOf } from './rules/columns.ts'
import { validateReplicas } from './rules/counts.ts'
import { notNegative } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validateTemplate } from './rules/pod-template.ts'

export const replicationControllerSpec = message(
  'ReplicationControllerSpec',
  {
    replicas: f(1, int32.default(1), { description: 'How many pods there should be.', ptr: true }),
    minReadySeconds: opt(4, int32, { description: 'How long a new pod must be ready to count as available.' }),
    selector: opt(2, stringMap, { description: 'The labels of its pods; by default those of the template.', map: 'atomic' }),
    template: opt(3, podTemplateSpec, { description: 'What its pods are.' }),
  },
  { description: 'What a ReplicationController should be.' },
)
export type ReplicationControllerSpec = z.infer<typeof replicationControllerSpec>

export const replicationControllerCondition = message('ReplicationControllerCondition', {
  type: f(1, text),
  status: f(2, text),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})

export const replicationControllerStatus = message('ReplicationControllerStatus', {
  replicas: f(1, int32OrZero, { description: 'How many pods there are.' }),
  fullyLabeledReplicas: opt(2, int32),
  readyReplicas: opt(4, int32, { description: 'How many are ready.' }),
  availableReplicas: opt(5, int32, { description: 'How many have been ready for long enough.' }),
  observedGeneration: opt(3, int64, { description: 'The generation that these numbers are about.' }),
  conditions: opt(6, z.array(replicationControllerCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})

export const replicationController = message('ReplicationController', {
  apiVersion: z.literal('v1'),
  kind: z.literal('ReplicationController'),
  metadata: f(1, objectMeta),
  spec: f(2, replicationControllerSpec.prefault({})),
  status: opt(3, replicationControllerStatus, { byValue: true }),
})
export type ReplicationController = z.infer<typeof replicationController>

export const replicationControllers = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema: replicationController,
  description: 'Keeps a number of equal pods running, in the form that ReplicaSet and Deployment replace.',
  orphansByDefault: {},
  subresources: { status: true, scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' } },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', description: 'How many pods there should be.', cell: ({ spec }) => spec.replicas },
    { name: 'Current', type: 'integer', description: 'How many pods there are.', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', description: 'How many pods are ready.', cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...podColumnsOf<ReplicationController>(({ spec }) => ({ template: spec.template, selector: formatLabels(spec.selector) })),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  setDefaults({ metadata, spec }) {
    if (spec.template === undefined) return
    setPodSpecDefaults(spec.template.spec)
    const labels = spec.template.metadata?.labels
    if (labels === undefined) return
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
    if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
  },
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { replicas: 0 }
  },
  prepareForUpdate: countGeneration,
  validate: ({ spec, status }) => [
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(Object.keys(spec.selector ?? {}).length === 0 ? [fieldRequired('spec.selector')] : []),
    ...notNegative('spec.replicas', spec.replicas),
    ...(spec.template === undefined
      ? [fieldRequired('spec.template')]
      : validateTemplate({ template: spec.template, selector: { matchLabels: spec.selector } }, 'ReplicationController')),
    ...validateReplicas(status),
  ],
})
