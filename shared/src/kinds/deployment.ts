import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validateSelector, validateTemplate } from './rules/pod-template.ts'
import { validateCollisions, validateCounts, validateParts } from './rules/counts.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { immutable, notNegative } from './rules/field-errors.ts'
import { ageColumn, nameColumn, templateColumns } from './rules/columns.ts'
import { isNone, notMoreThanAll, validateShare } from './rules/shares.ts'
import { type FieldError, fieldForbidden, fieldInvalid } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, conditionStatus, int32, int64, intOrString, text, textOrEmpty, time } from '../types/scalars.ts'

export const rollingUpdateDeployment = message('apps/v1.RollingUpdateDeployment', {
  maxUnavailable: opt(1, intOrString, { description: 'How many pods may be missing meanwhile, as a number or percentage.', ptr: true }),
  maxSurge: opt(2, intOrString, { description: 'How many pods there may be too many meanwhile, as a number or percentage.', ptr: true }),
})
export type RollingUpdateDeployment = z.infer<typeof rollingUpdateDeployment>

export const deploymentStrategy = message('apps/v1.DeploymentStrategy', {
  type: f(1, oneOf('Recreate', 'RollingUpdate').default('RollingUpdate'), {
    description: 'RollingUpdate replaces step by step, Recreate ends all old pods first.',
  }),
  rollingUpdate: opt(2, rollingUpdateDeployment, { description: 'The size of the steps.' }),
})
export type DeploymentStrategy = z.infer<typeof deploymentStrategy>

export const deploymentSpec = message(
  'apps/v1.DeploymentSpec',
  {
    replicas: f(1, int32.default(1), { description: 'How many pods there should be.', ptr: true }),
    selector: f(2, labelSelector, { description: 'The labels of its pods; never changes.', ptr: true }),
    template: f(3, podTemplateSpec, { description: 'What its pods are. A change starts a rollout.' }),
    strategy: f(4, deploymentStrategy.default({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }), {
      description: 'How old pods are replaced by new ones.',
      patch: 'retainKeys',
    }),
    minReadySeconds: opt(5, int32, { description: 'How long a new pod must be ready to count as available.' }),
    revisionHistoryLimit: f(6, int32.default(10), { description: 'How many old revisions are kept to roll back to.', ptr: true }),
    paused: opt(7, bool, { description: 'Whether changes of the template wait.' }),
    progressDeadlineSeconds: f(9, int32.default(600), {
      description: 'After this many seconds without progress a rollout counts as failed.',
      ptr: true,
    }),
  },
  { description: 'What a Deployment should be.' },
)
export type DeploymentSpec = z.infer<typeof deploymentSpec>

export const deploymentCondition = message('apps/v1.DeploymentCondition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  lastUpdateTime: opt(6, time, { byValue: true }),
  lastTransitionTime: opt(7, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})
export type DeploymentCondition = z.infer<typeof deploymentCondition>

export const deploymentStatus = message(
  'apps/v1.DeploymentStatus',
  {
    observedGeneration: opt(1, int64, { description: 'The generation that these numbers are about.' }),
    replicas: opt(2, int32, { description: 'How many pods there are.' }),
    updatedReplicas: opt(3, int32, { description: 'How many have the current template.' }),
    readyReplicas: opt(7, int32, { description: 'How many are ready.' }),
    availableReplicas: opt(4, int32, { description: 'How many have been ready for long enough.' }),
    unavailableReplicas: opt(5, int32, { description: 'How many are missing.' }),
    terminatingReplicas: opt(9, int32, { ptr: true }),
    conditions: opt(6, z.array(deploymentCondition), {
      description: 'What is true of the Deployment, and since when.',
      list: 'map',
      keys: ['type'],
      patch: 'merge',
      key: 'type',
    }),
    collisionCount: opt(8, int32, { ptr: true }),
  },
  { description: 'What has become of a Deployment.' },
)
export type DeploymentStatus = z.infer<typeof deploymentStatus>

export const deployment = message('apps/v1.Deployment', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: f(1, objectMeta),
  spec: f(2, deploymentSpec),
  status: opt(3, deploymentStatus, { byValue: true }),
})
export type Deployment = z.infer<typeof deployment>

export const deployments = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: deployment,
  description: 'Keeps a number of equal pods running, and replaces them step by step when their template changes.',
  subresources: {
    status: true,
    statusKeeps: ['labels'],
    scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  },
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'How many pods are ready, of how many.',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    },
    {
      name: 'Up-to-date',
      type: 'integer',
      description: 'How many pods have the current template.',
      cell: ({ status }) => status?.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'integer',
      description: 'How many pods have been ready for long enough.',
      cell: ({ status }) => status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns,
  ],
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template.spec)
    const { strategy } = spec
    if (strategy.type !== 'RollingUpdate') return
    strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate }
  },
  prepareForCreate(object) {
    startGeneration(object)
    delete object.status
  },
  prepareForUpdate(next, previous) {
    countGeneration(next, previous)
    // They are handed on to the ReplicaSets.
    if (
      next.metadata.generation === previous.metadata.generation &&
      !isSameJson(next.metadata.annotations ?? {}, previous.metadata.annotations ?? {})
    )
      next.metadata.generation = (previous.metadata.generation ?? 1) + 1
  },
  validate: ({ spec, status }) => [
    ...validateStatus(status),
    ...notNegative('spec.replicas', spec.replicas),
    ...validateSelector(spec.selector, 'deployment'),
    ...validateTemplate(spec, 'ReplicaSet'),
    ...validateStrategy(spec.strategy),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...notNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
    ...(spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)
      ? [fieldInvalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds')]
      : []),
  ],
  validateUpdate: (next, previous) => [
    ...(isSameJson(next.spec.selector, previous.spec.selector) ? [] : [immutable('spec.selector', next.spec.selector)]),
    ...validateCollisions(next, previous),
  ],
})

function validateStatus(status: DeploymentStatus | undefined): FieldError[] {
  if (status === undefined) return []
  const { replicas, updatedReplicas, readyReplicas, availableReplicas } = status
  const { unavailableReplicas, terminatingReplicas, collisionCount, observedGeneration } = status
  const parts = { updatedReplicas, readyReplicas, availableReplicas }
  return [
    ...validateCounts({ observedGeneration, replicas, ...parts, unavailableReplicas, terminatingReplicas, collisionCount }),
    ...validateParts(parts, { of: replicas, text: 'status.replicas' }),
    ...validateParts({ availableReplicas }, { of: readyReplicas, text: 'readyReplicas' }),
  ]
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy): FieldError[] {
  const field = 'spec.strategy.rollingUpdate'
  if (type === 'Recreate')
    return rollingUpdate === undefined ? [] : [fieldForbidden(field, "may not be specified when strategy `type` is 'Recreate'")]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {}
  return [
    ...validateShare(`${field}.maxUnavailable`, maxUnavailable),
    ...validateShare(`${field}.maxSurge`, maxSurge),
    ...(isNone(maxUnavailable) && isNone(maxSurge)
      ? [fieldInvalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...notMoreThanAll(`${field}.maxUnavailable`, maxUnavailable),
  ]
}
