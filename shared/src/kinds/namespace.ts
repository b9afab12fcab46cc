import * as z from 'zod'
import { defineKind } from '../schema/kind.ts'
import { checked } from './rules/field-errors.ts'
import { ageColumn, nameColumn } from './rules/columns.ts'
import { checkQualifiedName } from '../meta/names.ts'
import { fieldInvalid } from '../api/api-error.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from '../types/field.ts'
import { conditionStatus, text, textOrEmpty, time } from '../types/scalars.ts'

export const namespaceSpec = message('NamespaceSpec', {
  finalizers: opt(1, z.array(text), { list: 'atomic' }),
})
export type NamespaceSpec = z.infer<typeof namespaceSpec>

export const namespaceCondition = message('NamespaceCondition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  lastTransitionTime: opt(4, time, { byValue: true }),
  reason: opt(5, text),
  message: opt(6, text),
})
export type NamespaceCondition = z.infer<typeof namespaceCondition>

export const namespaceStatus = message('NamespaceStatus', {
  phase: opt(1, text, { description: 'Active, or Terminating while it is being emptied.' }),
  conditions: opt(2, z.array(namespaceCondition), { list: 'map', keys: ['type'], patch: 'merge', key: 'type' }),
})
export type NamespaceStatus = z.infer<typeof namespaceStatus>

export const namespace = message('Namespace', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Namespace'),
  metadata: f(1, objectMeta),
  spec: opt(2, namespaceSpec, { byValue: true }),
  status: opt(3, namespaceStatus, { byValue: true }),
})
export type Namespace = z.infer<typeof namespace>

export const namespaces = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  // One by one, as in Kubernetes: there is no deleting all of them at once.
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema: namespace,
  description: 'A room for names: objects of two namespaces may be called the same, and deleting a namespace deletes what is in it.',
  subresources: { status: true, named: ['finalize'] },
  nameRule: 'dns-label',
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Active, or Terminating while it is being emptied.',
      cell: ({ status }) => status?.phase ?? 'Active',
    },
    ageColumn,
  ],
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '', name: ({ metadata }) => metadata.name },
  prepareForCreate(object) {
    object.spec = { finalizers: withKubernetesFinalizer(object.spec?.finalizers ?? []) }
    object.status = { phase: 'Active' }
    labelWithName(object)
  },
  prepareForUpdate(next, previous) {
    // Only the finalize subresource takes finalizers away.
    if (previous.spec === undefined) delete next.spec
    else next.spec = structuredClone(previous.spec)
    labelWithName(next)
  },
  heldBy: ({ spec }) => spec?.finalizers ?? [],
  prepareForDeletion(object) {
    object.status = { ...object.status, phase: 'Terminating' }
  },
  validate: ({ spec }) =>
    (spec?.finalizers ?? []).flatMap((finalizer) => [
      ...checked('spec.finalizers', finalizer, checkQualifiedName),
      ...(finalizer.includes('/') || standardFinalizers.includes(finalizer)
        ? []
        : [fieldInvalid('spec.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]),
    ]),
  validateUpdate: ({ metadata, status }, { status: previous }) => {
    const phase = status?.phase ?? ''
    const wanted = metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating'
    return phase === wanted || phase === (previous?.phase ?? '')
      ? []
      : [
          fieldInvalid(
            'status.Phase',
            phase,
            `may only be '${wanted}' if \`deletionTimestamp\` is ${wanted === 'Active' ? 'empty' : 'not empty'}`,
          ),
        ]
  },
})

const standardFinalizers = ['kubernetes', 'foregroundDeletion', 'orphan']

const withKubernetesFinalizer = (finalizers: readonly string[]): string[] =>
  finalizers.includes('kubernetes') ? [...finalizers] : [...finalizers, 'kubernetes']

/** So that a namespace can be selected by its name where only labels can be selected by. */
function labelWithName({ metadata }: Namespace): void {
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
}
