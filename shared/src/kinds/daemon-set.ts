import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { formatLabels, labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { int32, int32OrZero, int64, intOrString, text, time } from '../types/scalars.ts'
import { ageColumn, nameColumn, orNone, templateColumns } from './rules/columns.ts'
import { validateCollisions, validateCounts } from './rules/counts.ts'
import { immutable, notNegative } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validateSelector, validateTemplate } from './rules/pod-template.ts'
import { isNone, notMoreThanAll, validateShare } from './rules/shares.ts'

export const rollingUpdateDaemonSet = message('apps/v1.RollingUpdateDaemonSet', {
  maxUnavailable: f(1, intOrString.default(1), { description: 'On how many nodes its pod may be missing meanwhile.', ptr: true }),
  maxSurge: f(2, intOrString.default(0), { description: 'On how many nodes a second pod may run meanwhile.', ptr: true }),
})
export type RollingUpdateDaemonSet = z.infer<typeof rollingUpdateDaemonSet>

export const daemonSetUpdateStrategy = message('apps/v1.DaemonSetUpdateStrategy', {
  type: f(1, text.default('RollingUpdate'), {
    description: 'RollingUpdate replaces step by step, OnDelete waits until somebody deletes the old pod.',
  }),
  rollingUpdate: opt(2, rollingUpdateDaemonSet, { description: 'The size of the steps.' }),
})
export type DaemonSetUpdateStrategy = z.infer<typeof daemonSetUpdateStrategy>

export const daemonSetSpec = message(
  'apps/v1.DaemonSetSpec',
  {
    selector: f(1, labelSelector, { description: 'The labels of its pods; never changes.', ptr: true }),
    template: f(2, podTemplateSpec, { description: 'What its pods are: one on each node that they may run on.' }),
    updateStrategy: f(3, daemonSetUpdateStrategy.prefault({}), { description: 'How old pods are replaced by new ones.' }),
    minReadySeconds: opt(4, int32, { description: 'How long a new pod must be ready to count as available.' }),
    revisionHistoryLimit: f(6, int32.default(10), { description: 'How many old revisions are kept to roll back to.', ptr: true }),
  },
  { description: 'What a DaemonSet should be.' },
)
export type DaemonSetSpec = z.infer<typeof daemonSetSpec>

export const daemonSetCondition = message('apps/v1.DaemonSetCondition', {
  type: f(1, text),
  status: f(2, text),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})
export type DaemonSetCondition = z.infer<typeof daemonSetCondition>

export const daemonSetStatus = message('apps/v1.DaemonSetStatus', {
  currentNumberScheduled: f(1, int32OrZero, { description: 'How many nodes have its pod and should.' }),
  numberMisscheduled: f(2, int32OrZero, { description: 'How many nodes have its pod and should not.' }),
  desiredNumberScheduled: f(3, int32OrZero, { description: 'How many nodes should have its pod.' }),
  numberReady: f(4, int32OrZero, { description: 'How many nodes have it ready.' }),
  observedGeneration: opt(5, int64, { description: 'The generation that these numbers are about.' }),
  updatedNumberScheduled: opt(6, int32, { description: 'How many nodes have a pod of the current template.' }),
  numberAvailable: opt(7, int32, { description: 'How many nodes have had it ready for long enough.' }),
  numberUnavailable: opt(8, int32, { description: 'On how many nodes it is missing.' }),
  collisionCount: opt(9, int32, { ptr: true }),
  conditions: opt(10, z.array(daemonSetCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type DaemonSetStatus = z.infer<typeof daemonSetStatus>

export const daemonSet = message('apps/v1.DaemonSet', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('DaemonSet'),
  metadata: f(1, objectMeta),
  spec: f(2, daemonSetSpec),
  status: opt(3, daemonSetStatus, { byValue: true }),
})
export type DaemonSet = z.infer<typeof daemonSet>

export const daemonSets = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: daemonSet,
  description: 'Runs a pod on each node, or on each that its template fits: for what every board needs.',
  subresources: { status: true },
  columns: [
    nameColumn,
    numberColumn('Desired', 'How many nodes should have its pod.', 'desiredNumberScheduled'),
    numberColumn('Current', 'How many nodes have its pod and should.', 'currentNumberScheduled'),
    numberColumn('Ready', 'How many nodes have it ready.', 'numberReady'),
    numberColumn('Up-to-date', 'How many nodes have a pod of the current template.', 'updatedNumberScheduled'),
    numberColumn('Available', 'How many nodes have had it ready for long enough.', 'numberAvailable'),
    {
      name: 'Node Selector',
      type: 'string',
      description: 'The labels of the nodes that it is for.',
      cell: ({ spec }) => orNone(formatLabels(spec.template.spec.nodeSelector)),
    },
    ageColumn,
    ...templateColumns,
  ],
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template.spec)
    if (spec.updateStrategy.type === 'RollingUpdate') spec.updateStrategy.rollingUpdate ??= { maxUnavailable: 1, maxSurge: 0 }
  },
  prepareForCreate(object) {
    startGeneration(object)
    writeTemplateGeneration(object, 1)
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
  },
  prepareForUpdate(next, previous) {
    countGeneration(next, previous)
    const before = readTemplateGeneration(previous)
    writeTemplateGeneration(next, isSameJson(next.spec.template, previous.spec.template) ? before : before + 1)
  },
  validate: ({ spec, status }) => [
    ...validateSelector(spec.selector, 'daemonset'),
    ...validateTemplate(spec, 'DaemonSet'),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateStatus(status),
  ],
  validateUpdate: (next, previous) => [
    ...(isSameJson(next.spec.selector, previous.spec.selector) ? [] : [immutable('spec.selector', next.spec.selector)]),
    ...validateCollisions(next, previous),
  ],
})

type Count = 'desiredNumberScheduled' | 'currentNumberScheduled' | 'numberReady' | 'updatedNumberScheduled' | 'numberAvailable'

function numberColumn(name: string, description: string, count: Count) {
  return { name, type: 'integer' as const, description, cell: ({ status }: DaemonSet) => status?.[count] ?? 0 }
}

/** Which template it is, counted where Kubernetes has counted it since before there were ControllerRevisions. */
const templateGeneration = 'deprecated.daemonset.template.generation'

const readTemplateGeneration = ({ metadata }: DaemonSet): number => Number(metadata.annotations?.[templateGeneration] ?? 1) || 1

function writeTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): FieldError[] {
  const field = 'spec.updateStrategy'
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate' || rollingUpdate === undefined)
    return [fieldNotSupported(field, { type, rollingUpdate }, ['RollingUpdate', 'OnDelete'])]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const steps = `${field}.rollingUpdate`
  return [
    ...validateShare(`${steps}.maxUnavailable`, maxUnavailable),
    ...validateShare(`${steps}.maxSurge`, maxSurge),
    ...notMoreThanAll(`${steps}.maxUnavailable`, maxUnavailable),
    ...notMoreThanAll(`${steps}.maxSurge`, maxSurge),
    ...(!isNone(maxUnavailable) && !isNone(maxSurge)
      ? [fieldInvalid(`${steps}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(isNone(maxUnavailable) && isNone(maxSurge) ? [fieldRequired(`${steps}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
  ]
}

function validateStatus(status: DaemonSetStatus | undefined): FieldError[] {
  const { conditions: _conditions, ...counts } = status ?? {}
  return validateCounts(counts)
}
