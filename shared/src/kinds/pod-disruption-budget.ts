import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldNotSupported } from '../api/api-error.ts'
import { condition } from '../meta/condition.ts'
import { labelSelector } from '../meta/label-selector.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { int32OrZero, int64, intOrString, text, timeMap } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { validateCounts } from './rules/counts.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateLabelSelector } from './rules/scheduling.ts'
import { notMoreThanAll, validateShare } from './rules/shares.ts'

export const podDisruptionBudgetSpec = message(
  'policy/v1.PodDisruptionBudgetSpec',
  {
    minAvailable: opt(1, intOrString, { description: 'How many pods must stay, as a number or percentage.', ptr: true }),
    selector: opt(2, labelSelector, { description: 'The pods that it is about; an empty one is all of the namespace.', patch: 'replace' }),
    maxUnavailable: opt(3, intOrString, { description: 'How many pods may be missing, as a number or percentage.', ptr: true }),
    unhealthyPodEvictionPolicy: opt(4, text, { description: 'Whether pods that are not ready may always be evicted.', ptr: true }),
  },
  { description: 'How many pods an eviction must leave.' },
)
export type PodDisruptionBudgetSpec = z.infer<typeof podDisruptionBudgetSpec>

export const podDisruptionBudgetStatus = message('policy/v1.PodDisruptionBudgetStatus', {
  observedGeneration: opt(1, int64),
  disruptedPods: opt(2, timeMap, { description: 'Pods whose eviction was allowed and that are still there.' }),
  disruptionsAllowed: f(3, int32OrZero, { description: 'How many pods may be evicted now.' }),
  currentHealthy: f(4, int32OrZero, { description: 'How many pods are ready.' }),
  desiredHealthy: f(5, int32OrZero, { description: 'How many must be.' }),
  expectedPods: f(6, int32OrZero, { description: 'How many pods there are.' }),
  conditions: opt(7, z.array(condition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type PodDisruptionBudgetStatus = z.infer<typeof podDisruptionBudgetStatus>

export const podDisruptionBudget = message('policy/v1.PodDisruptionBudget', {
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata: f(1, objectMeta),
  spec: f(2, podDisruptionBudgetSpec.prefault({})),
  status: opt(3, podDisruptionBudgetStatus, { byValue: true }),
})
export type PodDisruptionBudget = z.infer<typeof podDisruptionBudget>

export const podDisruptionBudgets = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  schema: podDisruptionBudget,
  description: 'Says how many pods must stay when others are evicted, as by `kubectl drain`.',
  needsRevision: true,
  subresources: { status: true },
  columns: [
    nameColumn,
    shareColumn('Min Available', 'How many pods must stay.', 'minAvailable'),
    shareColumn('Max Unavailable', 'How many pods may be missing.', 'maxUnavailable'),
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'How many pods may be evicted now.',
      cell: ({ status }) => status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
  prepareForCreate(object) {
    startGeneration(object)
    object.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
  },
  prepareForUpdate: countGeneration,
  validate: ({ spec, status }) => [...validateSpec(spec), ...validateStatus(status)],
})

function shareColumn(name: string, description: string, share: 'minAvailable' | 'maxUnavailable') {
  return { name, type: 'string' as const, description, cell: ({ spec }: PodDisruptionBudget) => String(spec[share] ?? 'N/A') }
}

const policies = ['AlwaysAllow', 'IfHealthyBudget']

function validateSpec(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
  const shares = { minAvailable, maxUnavailable }
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [fieldInvalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...Object.entries(shares).flatMap(([name, share]) =>
      share === undefined ? [] : [...validateShare(`spec.${name}`, share), ...notMoreThanAll(`spec.${name}`, share)],
    ),
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...(policy === undefined || policies.includes(policy) ? [] : [fieldNotSupported('spec.unhealthyPodEvictionPolicy', policy, policies)]),
  ]
}

function validateStatus(status: PodDisruptionBudgetStatus | undefined): FieldError[] {
  if (status === undefined) return []
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status
  return validateCounts({ disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods })
}
