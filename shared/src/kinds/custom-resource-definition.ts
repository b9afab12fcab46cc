import { isSameJson } from '../json/same-json.ts'
import { findCondition, isConditionTrue } from '../meta/conditions.ts'
import { maxDefinitionParts } from '../api/object-size.ts'
import { defineKind } from '../schema/kind.ts'
import {
  type CustomResourceCondition,
  type CustomResourceDefinition,
  customResourceDefinition,
} from '../types/custom-resource-definition.ts'
import { nameColumn } from './rules/columns.ts'
import { definitionErrors, definitionUpdateErrors, schemaErrors } from './rules/custom-resource-definition.ts'

/** Holds a definition that is to go until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export const isEstablished = ({ status }: CustomResourceDefinition): boolean => isConditionTrue(status?.conditions, 'Established')

/** With one condition as it is now; its time moves only when its status does. */
export function withCondition(
  conditions: readonly CustomResourceCondition[] | undefined,
  next: Omit<CustomResourceCondition, 'lastTransitionTime'>,
  now: string,
): CustomResourceCondition[] {
  const before = findCondition(conditions, next.type)
  const since = before?.status === next.status ? before.lastTransitionTime : now
  const condition = { ...next, ...(since !== undefined && { lastTransitionTime: since }) }
  if (before === undefined) return [...(conditions ?? []), condition]
  return (conditions ?? []).map((each) => (each.type === next.type ? condition : each))
}

export const customResourceDefinitions = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: customResourceDefinition,
  description: 'A kind that a user brings: its names, its versions and what its objects look like. It is served like any other.',
  maxParts: maxDefinitionParts,
  needsRevision: true,
  subresources: { status: true },
  columns: [
    nameColumn,
    {
      name: 'Created At',
      type: 'string',
      format: 'date-time',
      description: 'When it was created.',
      cell: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  setDefaults({ spec }) {
    const { names, conversion } = spec
    if (names.kind !== '') {
      names.singular ??= names.kind.toLowerCase()
      names.listKind ??= `${names.kind}List`
    }
    if (conversion === undefined) spec.conversion = { strategy: 'None' }
    const service = conversion?.webhook?.clientConfig?.service
    if (service !== undefined) service.port ??= 443
  },
  prepareForCreate(object) {
    object.metadata.generation = 1
    object.status = {}
    noteStored(object)
  },
  prepareForUpdate(next, previous) {
    const { generation = 1 } = previous.metadata
    next.metadata.generation = isSameJson(next.spec, previous.spec) ? generation : generation + 1
    noteStored(next, previous)
  },
  // Marked before anything of it goes: whoever sees to its objects lets go of the finalizer.
  heldBy: ({ status }) => (findCondition(status?.conditions, 'Terminating') === undefined ? [cleanupFinalizer] : []),
  prepareForDeletion(object) {
    const { metadata } = object
    if (findCondition(object.status?.conditions, 'Terminating') !== undefined) return
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), cleanupFinalizer])]
    const terminating = {
      type: 'Terminating',
      status: 'True' as const,
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    }
    object.status = {
      ...object.status,
      conditions: withCondition(object.status?.conditions, terminating, metadata.deletionTimestamp ?? ''),
    }
  },
  validate: definitionErrors,
  validateCreate: (object) => schemaErrors(object),
  validateUpdate: (next, previous) => [...definitionUpdateErrors(next, previous), ...schemaErrors(next, previous)],
})

/** A version in which objects are stored may be met in the store from now on. */
function noteStored({ spec, status }: CustomResourceDefinition, previous?: CustomResourceDefinition): void {
  const stored = spec.versions.find(({ storage }) => storage)?.name
  if (status === undefined || stored === undefined || status.storedVersions?.includes(stored) === true) return
  if (previous !== undefined && isSameJson(previous.spec, spec)) return
  status.storedVersions = [...(status.storedVersions ?? []), stored]
}
