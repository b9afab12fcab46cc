import type { KindDefinition } from '../schema/kind.ts'
import { defineKind } from '../schema/kind.ts'
import { type HorizontalPodAutoscalerV1, horizontalPodAutoscalerV1 } from '../types/autoscaler-v1.ts'
import { type HorizontalPodAutoscaler, horizontalPodAutoscaler } from '../types/autoscaler.ts'
import { autoscalerColumns } from './rules/autoscaler-columns.ts'
import { autoscalerStorage, dropRoundTrips, toV2 } from './rules/autoscaler-conversion.ts'
import { setAutoscalerDefaults, validateAutoscaler, validateAutoscalerStatus, validateLeast } from './rules/autoscaler.ts'

/** What is so in both versions. */
const shared = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  storage: autoscalerStorage,
  description: 'Changes how many pods something has, by how much they have to do.',
  subresources: { status: true },
} as const satisfies Partial<KindDefinition<HorizontalPodAutoscaler>>

export const horizontalPodAutoscalers = defineKind<HorizontalPodAutoscaler>({
  ...shared,
  version: 'v2',
  schema: horizontalPodAutoscaler,
  columns: autoscalerColumns((object) => object),
  setDefaults: ({ spec }) => setAutoscalerDefaults(spec),
  prepareForCreate(object) {
    dropRoundTrips(object)
    object.status = { desiredReplicas: 0 }
  },
  prepareForUpdate: dropRoundTrips,
  validate: ({ spec, status }) => [...validateAutoscaler(spec), ...validateAutoscalerStatus(status)],
  validateCreate: ({ spec }) => validateLeast(spec.minReplicas),
  validateUpdate: (next, previous) => (previous.spec.minReplicas === 0 ? [] : validateLeast(next.spec.minReplicas)),
})

export const horizontalPodAutoscalersV1 = defineKind<HorizontalPodAutoscalerV1>({
  ...shared,
  version: 'v1',
  schema: horizontalPodAutoscalerV1,
  columns: autoscalerColumns(toV2),
  prepareForCreate(object) {
    object.status = { currentReplicas: 0, desiredReplicas: 0 }
  },
  validate(object) {
    const { spec, status } = toV2(object)
    return [...validateAutoscaler(spec), ...validateAutoscalerStatus(status)]
  },
  validateCreate: ({ spec }) => validateLeast(spec.minReplicas),
  validateUpdate: (next, previous) => (previous.spec.minReplicas === 0 ? [] : validateLeast(next.spec.minReplicas)),
})
