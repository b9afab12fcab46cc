import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'

/** An object as it is told to somebody, with who owns its fields (`ownersText`). */
export function withOwners<T extends KubeObject>(object: T, owners: string | undefined): T {
  if (owners === undefined) return object
  const managedFields = JSON.parse(owners) as ManagedFieldsEntry[] // as `ownersText` wrote it
  return { ...object, metadata: { ...object.metadata, managedFields } }
}
