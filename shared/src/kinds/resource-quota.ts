import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { resourceList, text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { immutable } from './rules/field-errors.ts'
import { fitsScope, isQuotaResource, quotaScopes, validateHard } from './rules/quota-resources.ts'

export const scopedResourceSelectorRequirement = message('ScopedResourceSelectorRequirement', {
  scopeName: f(1, text),
  operator: f(2, text),
  values: opt(3, z.array(text), { list: 'atomic' }),
})
export type ScopedResourceSelectorRequirement = z.infer<typeof scopedResourceSelectorRequirement>

export const scopeSelector = message(
  'ScopeSelector',
  { matchExpressions: opt(1, z.array(scopedResourceSelectorRequirement), { list: 'atomic' }) },
  { map: 'atomic' },
)

export const resourceQuotaSpec = message('ResourceQuotaSpec', {
  hard: opt(1, resourceList, { description: 'The most that there may be of each: {pods: 10, requests.memory: 1Gi}.' }),
  scopes: opt(2, z.array(text), { description: 'Only what all of these hold for is counted; they never change.', list: 'atomic' }),
  scopeSelector: opt(3, scopeSelector, { description: 'The same with values, such as priority classes.' }),
})
export type ResourceQuotaSpec = z.infer<typeof resourceQuotaSpec>

export const resourceQuotaStatus = message('ResourceQuotaStatus', {
  hard: opt(1, resourceList, { description: 'The limits that are held to.' }),
  used: opt(2, resourceList, { description: 'How much there is of each.' }),
})

export const resourceQuota = message('ResourceQuota', {
  apiVersion: z.literal('v1'),
  kind: z.literal('ResourceQuota'),
  metadata: f(1, objectMeta),
  spec: opt(2, resourceQuotaSpec, { byValue: true }),
  status: opt(3, resourceQuotaStatus, { byValue: true }),
})
export type ResourceQuota = z.infer<typeof resourceQuota>

export const resourceQuotas = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  schema: resourceQuota,
  description: 'The most that a namespace may have of each resource, of all its objects together.',
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Request', type: 'string', description: 'What there is and may be, but for limits.', cell: (quota) => usedText(quota, false) },
    { name: 'Limit', type: 'string', description: 'The same of limits.', cell: (quota) => usedText(quota, true) },
    ageColumn,
  ],
  prepareForCreate(object) {
    object.status = {}
  },
  validate: ({ spec = {}, status }) => [
    ...validateHard(spec.hard, 'spec.hard'),
    ...validateScopes(spec),
    ...validateSelector(spec),
    ...validateHard(status?.hard, 'status.hard'),
    ...validateHard(status?.used, 'status.used'),
  ],
  warnings: ({ spec }) =>
    Object.keys(spec?.hard ?? {})
      .filter((name) => inMemory.includes(name))
      .map((name) => `spec.hard[${name}]: is not counted by this version: these objects are kept in memory alone`),
  validateUpdate: ({ spec: next }, { spec: previous }) =>
    sorted(next?.scopes) === sorted(previous?.scopes) ? [] : [immutable('spec.scopes', next?.scopes ?? null)],
})

/** Nothing is written together with them. */
const inMemory = ['count/events', 'count/events.events.k8s.io', 'count/leases.coordination.k8s.io']

const sorted = (scopes: readonly string[] | undefined): string => [...new Set(scopes)].sort().join(' ')

/** `pods: 1/10, requests.cpu: 0/1` of what has been counted. */
function usedText({ status }: ResourceQuota, areLimits: boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([name]) => name.startsWith('limits.') === areLimits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, most]) => `${name}: ${status?.used?.[name] ?? '0'}/${most}`)
    .join(', ')
}

const conflicting = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

const areConflicting = (scopes: readonly string[]) => conflicting.some((pair) => pair.every((scope) => scopes.includes(scope)))

/** What is limited of what a scope picks, and cannot be. */
const unfitting = (scope: string, { hard }: ResourceQuotaSpec) =>
  Object.keys(hard ?? {}).filter((name) => isQuotaResource(name) && !fitsScope(scope, name))

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec
  const refuse = (why: string) => fieldInvalid('spec.scopes', scopes, why)
  return [
    ...scopes.flatMap((scope) => [
      ...(quotaScopes.includes(scope) ? [] : [refuse('unsupported scope')]),
      ...unfitting(scope, spec).map(() => refuse('unsupported scope applied to resource')),
    ]),
    ...(areConflicting(scopes) ? [refuse('conflicting scopes')] : []),
  ]
}

const withoutValues = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

function validateSelector(spec: ResourceQuotaSpec): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  const field = 'spec.scopeSelector.matchExpressions'
  return [
    ...requirements.flatMap(({ scopeName, operator, values = [] }) => [
      ...(quotaScopes.includes(scopeName) ? [] : [fieldInvalid(`${field}.scopeName`, scopeName, 'unsupported scope')]),
      ...unfitting(scopeName, spec).map(() => fieldInvalid(field, spec.scopeSelector, 'unsupported scope applied to resource')),
      ...(withoutValues.includes(scopeName) && operator !== 'Exists'
        ? [
            fieldInvalid(
              `${field}.operator`,
              operator,
              "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
            ),
          ]
        : []),
      ...validateOperator(operator, values, field),
    ]),
    ...(areConflicting(requirements.map(({ scopeName }) => scopeName))
      ? [fieldInvalid(field, spec.scopes ?? null, 'conflicting scopes')]
      : []),
  ]
}

function validateOperator(operator: string, values: readonly string[], field: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [fieldRequired(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [fieldInvalid(`${field}.values`, values, "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector")]
    default:
      return [fieldInvalid(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}
