import { keyText, keyTextOf } from '@bramble/shared/api/object-key.ts'
import { ownValue } from '@bramble/shared/json/own.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

/** Under which values an object is found; the function itself is the index's identity, so declare it once and share it. */
export type IndexBy<T> = (object: T) => readonly string[]

/** What is known now. Objects are shared: read-only. */
export type Lister<T extends KubeObject> = {
  readonly size: () => number
  readonly get: (namespace: string | undefined, name: string) => T | undefined
  readonly list: () => readonly T[]
  /** Objects found under a value of an index; the index is built at its first use and kept up from then on. */
  readonly by: (index: IndexBy<T>, value: string) => readonly T[]
}

export const byNamespace: IndexBy<KubeObject> = ({ metadata: { namespace } }) => (namespace === undefined ? [] : [namespace])
export const byOwner: IndexBy<KubeObject> = ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []
/** Whose deletion in the foreground waits for the object. */
export const byHeldOwner: IndexBy<KubeObject> = ({ metadata }) =>
  metadata.ownerReferences?.flatMap(({ uid, blockOwnerDeletion }) => (blockOwnerDeletion === true ? [uid] : [])) ?? []
export const byUid: IndexBy<KubeObject> = ({ metadata: { uid } }) => (uid === undefined ? [] : [uid])
export const byController: IndexBy<KubeObject> = ({ metadata }) =>
  metadata.ownerReferences?.flatMap(({ uid, controller }) => (controller === true ? [uid] : [])) ?? []
export const byNode: IndexBy<KubeObject & { readonly spec?: { readonly nodeName?: string | undefined } }> = ({ spec }) =>
  spec?.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]
/** An index over the values of one label. Keep what it answers: each call makes a new index. */
export const byLabel =
  (label: string): IndexBy<KubeObject> =>
  ({ metadata }) => {
    const value = ownValue(metadata.labels, label)
    return value === undefined ? [] : [value]
  }

type Entries<T> = Map<string, Map<string, T>>

export type IndexedStore<T extends KubeObject> = Lister<T> & {
  readonly put: (object: T) => void
  /** Answers whether it was there. */
  readonly remove: (object: T) => boolean
}

export function createIndexedStore<T extends KubeObject>(): IndexedStore<T> {
  const objects = new Map<string, T>()
  const indexes = new Map<IndexBy<T>, Entries<T>>()

  const build = (index: IndexBy<T>): Entries<T> => {
    const entries: Entries<T> = new Map()
    for (const [key, object] of objects) enter(entries, index, key, object)
    indexes.set(index, entries)
    return entries
  }

  return {
    size: () => objects.size,
    get: (namespace, name) => objects.get(keyText({ namespace, name })),
    list: () => [...objects.values()],
    by: (index, value) => [...((indexes.get(index) ?? build(index)).get(value)?.values() ?? [])],
    put(object) {
      const key = keyTextOf(object)
      const previous = objects.get(key)
      objects.set(key, object)
      for (const [index, entries] of indexes) {
        if (previous !== undefined) leave(entries, index, key, previous)
        enter(entries, index, key, object)
      }
    },
    remove(object) {
      const key = keyTextOf(object)
      const previous = objects.get(key)
      if (previous === undefined) return false
      objects.delete(key)
      for (const [index, entries] of indexes) leave(entries, index, key, previous)
      return true
    },
  }
}

function enter<T>(entries: Entries<T>, index: IndexBy<T>, key: string, object: T): void {
  for (const value of index(object)) {
    const found = entries.get(value)
    if (found === undefined) entries.set(value, new Map([[key, object]]))
    else found.set(key, object)
  }
}

function leave<T>(entries: Entries<T>, index: IndexBy<T>, key: string, object: T): void {
  for (const value of index(object)) {
    const found = entries.get(value)
    found?.delete(key)
    if (found?.size === 0) entries.delete(value)
  }
}
