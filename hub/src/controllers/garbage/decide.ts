import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'

export const foreground = 'foregroundDeletion'
export const orphan = 'orphan'

/** `waiting`: it is being deleted in the foreground and goes when its dependents are gone. `unknown`: of a kind we cannot look up. */
export type OwnerState = 'present' | 'waiting' | 'absent' | 'unknown'
export type Owner = { readonly reference: OwnerReference; readonly state: OwnerState }
export type Propagation = 'Background' | 'Foreground' | 'Orphan'

export type GarbageStep =
  | { readonly type: 'keep' }
  /** Some owners stay: the references to the others are taken away. */
  | { readonly type: 'unreference'; readonly uids: readonly string[] }
  | { readonly type: 'delete'; readonly propagation: Propagation }

/** What becomes of an object by the state of its owners. While one of them stands, it stays; and one that we cannot judge counts as standing. */
export function decideGarbage(object: KubeObject, owners: readonly Owner[], hasDependents: boolean): GarbageStep {
  const { finalizers = [], deletionTimestamp } = object.metadata
  if (owners.length === 0) return { type: 'keep' }
  const goes = owners.filter(({ state }) => state === 'absent' || state === 'waiting')
  if (goes.length < owners.length) {
    const uids = goes.map(({ reference }) => reference.uid)
    return uids.length === 0 ? { type: 'keep' } : { type: 'unreference', uids }
  }
  if (deletionTimestamp !== undefined) return { type: 'keep' }
  // An owner that waits for us waits for our dependents too.
  if (hasDependents && owners.some(({ state }) => state === 'waiting')) return { type: 'delete', propagation: 'Foreground' }
  if (finalizers.includes(orphan)) return { type: 'delete', propagation: 'Orphan' }
  return { type: 'delete', propagation: finalizers.includes(foreground) ? 'Foreground' : 'Background' }
}
