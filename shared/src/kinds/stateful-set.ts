import * as z from 'zod'
import { type FieldError, fieldForbidden, fieldInvalid } from '../api/api-error.ts'
import { isSameJson } from '../json/same-json.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { claimTemplate } from '../types/claim-template.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { podTemplateSpec } from '../types/pod-template.ts'
import { int32, int32OrZero, int64, intOrString, text, textOrEmpty, time } from '../types/scalars.ts'
import { setClaimDefaults } from './rules/claims.ts'
import { ageColumn, containerColumns, nameColumn } from './rules/columns.ts'
import { validateCollisions, validateCounts, validateParts } from './rules/counts.ts'
import { notNegative } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'
import { validatePodTemplate, validateSelector, validateTemplate } from './rules/pod-template.ts'
import { isNone, notMoreThanAll, validateShare } from './rules/shares.ts'

export const rollingUpdateStatefulSetStrategy = message('apps/v1.RollingUpdateStatefulSetStrategy', {
  partition: f(1, int32.default(0), { description: 'Pods with a lower number keep the old revision.', ptr: true }),
  maxUnavailable: f(2, intOrString.default(1), { description: 'How many pods may be missing meanwhile.', ptr: true }),
})
export type RollingUpdateStatefulSetStrategy = z.infer<typeof rollingUpdateStatefulSetStrategy>

export const statefulSetUpdateStrategy = message('apps/v1.StatefulSetUpdateStrategy', {
  type: f(1, text.default('RollingUpdate'), {
    description: 'RollingUpdate replaces one after the other, OnDelete waits until somebody deletes the old pod.',
  }),
  rollingUpdate: opt(2, rollingUpdateStatefulSetStrategy, { description: 'The steps.' }),
})
export type StatefulSetUpdateStrategy = z.infer<typeof statefulSetUpdateStrategy>

const retention = oneOf('Retain', 'Delete').default('Retain')

export const statefulSetPersistentVolumeClaimRetentionPolicy = message('apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy', {
  whenDeleted: f(1, retention, { description: 'What becomes of the claims when the StatefulSet is deleted.' }),
  whenScaled: f(2, retention, { description: 'What becomes of the claims of pods that are scaled away.' }),
})

export const statefulSetOrdinals = message('apps/v1.StatefulSetOrdinals', {
  start: f(1, int32OrZero, { description: 'The number of the first pod.' }),
})

export const statefulSetSpec = message(
  'apps/v1.StatefulSetSpec',
  {
    replicas: f(1, int32.default(1), { description: 'How many pods there should be.', ptr: true }),
    selector: f(2, labelSelector, { description: 'The labels of its pods; never changes.', ptr: true }),
    template: f(3, podTemplateSpec, { description: 'What its pods are. Each gets a number at the end of its name.' }),
    volumeClaimTemplates: opt(4, z.array(claimTemplate), {
      description: 'From each of these every pod gets a claim of its own, and keeps it.',
      list: 'atomic',
    }),
    serviceName: f(5, textOrEmpty, { description: 'The headless Service under which each pod has a DNS name.' }),
    podManagementPolicy: f(6, text.default('OrderedReady'), {
      description: 'OrderedReady makes one pod after the other, Parallel all at once.',
    }),
    updateStrategy: f(7, statefulSetUpdateStrategy.prefault({}), { description: 'How old pods are replaced by new ones.' }),
    revisionHistoryLimit: f(8, int32.default(10), { description: 'How many old revisions are kept to roll back to.', ptr: true }),
    minReadySeconds: opt(9, int32, { description: 'How long a new pod must be ready to count as available.' }),
    persistentVolumeClaimRetentionPolicy: f(10, statefulSetPersistentVolumeClaimRetentionPolicy.prefault({}), {
      description: 'When claims are deleted with their pods.',
    }),
    ordinals: opt(11, statefulSetOrdinals, { description: 'Which numbers the pods have.' }),
  },
  { description: 'What a StatefulSet should be.' },
)
export type StatefulSetSpec = z.infer<typeof statefulSetSpec>

export const statefulSetCondition = message('apps/v1.StatefulSetCondition', {
  type: f(1, text),
  status: f(2, text),
  lastTransitionTime: opt(3, time, { byValue: true }),
  reason: opt(4, text),
  message: opt(5, text),
})
export type StatefulSetCondition = z.infer<typeof statefulSetCondition>

export const statefulSetStatus = message('apps/v1.StatefulSetStatus', {
  observedGeneration: opt(1, int64, { description: 'The generation that these numbers are about.' }),
  replicas: f(2, int32OrZero, { description: 'How many pods there are.' }),
  readyReplicas: opt(3, int32, { description: 'How many are ready.' }),
  currentReplicas: opt(4, int32, { description: 'How many have the revision of before.' }),
  updatedReplicas: opt(5, int32, { description: 'How many have the revision that is wanted.' }),
  currentRevision: opt(6, text),
  updateRevision: opt(7, text),
  collisionCount: opt(9, int32, { ptr: true }),
  conditions: opt(10, z.array(statefulSetCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
  availableReplicas: f(11, int32OrZero, { description: 'How many have been ready for long enough.' }),
})
export type StatefulSetStatus = z.infer<typeof statefulSetStatus>

export const statefulSet = message('apps/v1.StatefulSet', {
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('StatefulSet'),
  metadata: f(1, objectMeta),
  spec: f(2, statefulSetSpec),
  status: opt(3, statefulSetStatus, { byValue: true }),
})
export type StatefulSet = z.infer<typeof statefulSet>

export const statefulSets = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: statefulSet,
  description: 'Keeps a number of pods running that are not equal: each has a name, a number and storage that stay its own.',
  subresources: { status: true, scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' } },
  nameRule: 'dns-label',
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'How many pods are ready, of how many.',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => ({ template: spec.template })),
  ],
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template.spec)
    if (spec.updateStrategy.type === 'RollingUpdate') spec.updateStrategy.rollingUpdate ??= { partition: 0, maxUnavailable: 1 }
    for (const claim of spec.volumeClaimTemplates ?? []) if (claim.spec !== undefined) setClaimDefaults(claim.spec)
  },
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { replicas: 0, availableReplicas: 0 }
  },
  prepareForUpdate: countGeneration,
  validate: ({ spec, status }) => [...validateSpec(spec), ...validateStatus(status)],
  validateUpdate: (next, previous) => [...validateSpecUpdate(next.spec, previous.spec), ...validateCollisions(next, previous)],
  warnings: ({ spec }) => [
    ...(spec.revisionHistoryLimit < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ],
})

function validateSpec(spec: StatefulSetSpec): FieldError[] {
  const { podManagementPolicy, ordinals } = spec
  return [
    ...(podManagementPolicy === 'OrderedReady' || podManagementPolicy === 'Parallel'
      ? []
      : [fieldInvalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")]),
    ...validateStrategy(spec.updateStrategy),
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.ordinals.start', ordinals?.start),
    ...validateSelector(spec.selector, 'statefulset'),
    ...validateTemplate(spec, 'StatefulSet', (template, field) => validatePodTemplate(withClaims(template, spec), field)),
  ]
}

/** A mount may be of a claim that the pod will get: it is a volume then, in place of one of that name. */
function withClaims(template: StatefulSetSpec['template'], { volumeClaimTemplates = [] }: StatefulSetSpec): StatefulSetSpec['template'] {
  const { volumes = [] } = template.spec
  const isVolume = (name: string) => volumes.some((volume) => volume.name === name)
  const claims = volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? '').filter((name) => name !== '' && !isVolume(name))
  const claimed = [...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...template, spec: { ...template.spec, volumes: [...volumes, ...claimed] } }
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy): FieldError[] {
  const field = 'spec.updateStrategy'
  if (type === 'OnDelete')
    return rollingUpdate === undefined
      ? []
      : [fieldInvalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
  if (type !== 'RollingUpdate') return [fieldInvalid(field, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")]
  const { partition = 0, maxUnavailable = 1 } = rollingUpdate ?? {}
  const name = `${field}.rollingUpdate.maxUnavailable`
  return [
    ...notNegative(`${field}.rollingUpdate.partition`, partition),
    ...validateShare(name, maxUnavailable),
    ...(isNone(maxUnavailable) ? [fieldInvalid(name, maxUnavailable, 'cannot be 0')] : []),
    ...notMoreThanAll(name, maxUnavailable),
  ]
}

/** All that decides which pods and claims there are stays, but for their number. */
const changing = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
] as const satisfies readonly (keyof StatefulSetSpec)[]

function validateSpecUpdate(next: StatefulSetSpec, previous: StatefulSetSpec): FieldError[] {
  const lasting = (spec: StatefulSetSpec) => ({ ...spec, ...Object.fromEntries(changing.map((name) => [name, undefined])) })
  if (isSameJson(lasting(next), lasting(previous))) return []
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [fieldForbidden('spec', why)]
}

function validateStatus(status: StatefulSetStatus | undefined): FieldError[] {
  if (status === undefined) return []
  const { replicas, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0, availableReplicas } = status
  const parts = { readyReplicas, currentReplicas, updatedReplicas, availableReplicas }
  return [
    ...validateCounts({ replicas, ...parts, observedGeneration: status.observedGeneration, collisionCount: status.collisionCount }),
    ...validateParts(parts, { of: replicas, text: 'status.replicas' }),
    ...validateParts({ availableReplicas }, { of: readyReplicas, text: 'status.readyReplicas' }),
  ]
}
