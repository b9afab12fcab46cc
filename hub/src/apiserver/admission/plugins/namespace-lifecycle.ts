import { ApiError, notFound } from '@bramble/shared/api/api-error.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { protectedNamespaces } from '../../kinds/namespace.ts'
import type { Entry } from '../../../store/store.ts'
import { type Admission, defineAdmission } from '../admission.ts'

/** Nothing is made in a namespace that is not there or is going. */
export const namespaceLifecycle = defineAdmission('namespace-lifecycle', ({ registry }) => {
  /** The namespace that something is made in; nothing for other writes. */
  const open = ({ operation, kind, name, namespace, origin: { subresource } }: Admission): Entry | undefined => {
    if (operation !== 'CREATE' || !kind.namespaced || subresource !== undefined || namespace === undefined) return undefined
    const entry = registry.find(namespaces, undefined, namespace)
    if (entry === undefined) throw notFound(namespaces, namespace)
    if (registry.objectOf(namespaces, entry).metadata.deletionTimestamp !== undefined)
      throw new ApiError(
        'Forbidden',
        `${kind.resource}${kind.group === '' ? '' : `.${kind.group}`} ${JSON.stringify(name)} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
        {
          name,
          group: kind.group,
          kind: kind.resource,
          causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
        },
      )
    return entry
  }
  return {
    guard(admission) {
      open(admission)
    },
    validate({ operation, kind, name }) {
      if (kind !== namespaces || operation !== 'DELETE' || !protectedNamespaces.some((one) => one === name)) return
      throw new ApiError('Forbidden', `namespaces ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`, {
        name,
        kind: 'namespaces',
      })
    },
    holds(admission) {
      const entry = open(admission)
      return entry === undefined ? [] : [{ key: entry.key, revision: entry.revision }]
    },
  }
})
