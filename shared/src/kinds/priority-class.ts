import * as z from 'zod'
import { type FieldError, fieldForbidden } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { bool, int32, text } from '../types/scalars.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { immutable } from './rules/field-errors.ts'
import { startGeneration } from './rules/generation.ts'

export const priorityClass = message('scheduling.k8s.io/v1.PriorityClass', {
  apiVersion: z.literal('scheduling.k8s.io/v1'),
  kind: z.literal('PriorityClass'),
  metadata: f(1, objectMeta),
  value: opt(2, int32, { description: 'The priority of its pods; more is scheduled first. Never changes.' }),
  globalDefault: opt(3, bool, { description: 'Whether pods that name no class are of this one. One class may say so.' }),
  description: opt(4, text, { description: 'When to use it, for people.' }),
  preemptionPolicy: f(5, oneOf('Never', 'PreemptLowerPriority').default('PreemptLowerPriority'), {
    description: 'Whether pods with less priority are ended to make room. Never changes.',
    ptr: true,
  }),
})
export type PriorityClass = z.infer<typeof priorityClass>

const highestOfUsers = 1_000_000_000

/** In every cluster, with these values, and never deleted. */
export const systemClasses: ReadonlyMap<string, { readonly value: number; readonly description: string }> = new Map([
  [
    'system-node-critical',
    { value: 2_000_001_000, description: 'Used for system critical pods that must not be moved from their current node.' },
  ],
  [
    'system-cluster-critical',
    {
      value: 2_000_000_000,
      description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    },
  ],
])

export const priorityClasses = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema: priorityClass,
  description: 'How important pods are that name it: the more important are scheduled first and may take the place of others.',
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', description: 'The priority of its pods.', cell: ({ value }) => value ?? 0 },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods that name no class are of this one.',
      cell: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether pods with less priority are ended to make room.',
      cell: ({ preemptionPolicy }) => preemptionPolicy,
    },
  ],
  prepareForCreate: startGeneration,
  validate({ metadata: { name }, value = 0, globalDefault = false }): readonly FieldError[] {
    if (name.startsWith('system-')) {
      const why = whyNotSystem({ name, value, globalDefault })
      const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:"
      return why === undefined ? [] : [fieldForbidden('metadata.name', `${reserved} ${why}`)]
    }
    return value > highestOfUsers ? [fieldForbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`)] : []
  },
  validateUpdate: (next, previous) => [
    ...(next.value === previous.value ? [] : [fieldForbidden('value', 'may not be changed in an update.')]),
    ...(next.preemptionPolicy === previous.preemptionPolicy ? [] : [immutable('preemptionPolicy', next.preemptionPolicy)]),
  ],
})

type Given = { readonly name: string; readonly value: number; readonly globalDefault: boolean }

function whyNotSystem({ name, value, globalDefault }: Given): string | undefined {
  const known = systemClasses.get(name)
  if (known === undefined) return `${name} is not a known system priority class`
  if (value !== known.value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
