import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/client.ts'

/**
 * Where every loop of the agent meets: the objects this node wants, kept on disk so that pods, Services and routes
 * run through any outage and through a cold boot with no hub. Written by `link/sync.ts` only, and always before anybody acts.
 * Reads are synchronous and from memory; the objects are shared, so treat them as read-only.
 */
export type Cache = {
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(resource: Resource<T>): readonly T[]
  /** The resourceVersion to resume the watch of this scope from; undefined before the first complete list. A scope is one watched list: `pods`, `secrets/default/db`. */
  resourceVersion(scope: string): string | undefined
  /** True once a complete list has ever been stored for the scope (also from an earlier life of the process). */
  hasSynced(scope: string): boolean
  /** Every scope that has ever been listed and not been forgotten, also those that hold nothing. */
  scopes(): readonly string[]
  /** Puts and deletes, persisted before listeners hear of them; on a disk that cannot be written they are held in memory. */
  apply(change: CacheChange): void
  /** A complete list: what is stored under the scope and not in it is removed. */
  replace(scope: string, resource: Resource, objects: readonly KubeObject[], resourceVersion: string): void
  /** Drops a scope and its objects. */
  forget(scope: string): void
  /** Called after every change of the resource, and when a scope of it has been listed for the first time, be it empty; several changes in one tick are one call. Returns the unsubscriber. */
  subscribe(resource: Resource, listener: () => void): () => void
  /** Small facts the agent must remember over restarts (CNI hand-outs, container attempt counts …). */
  readonly facts: { get(key: string): unknown; set(key: string, value: unknown): void; delete(key: string): void }
  /** Why what is held cannot be kept on the disk; undefined while it can. The node goes on with what it holds. */
  problem(): string | undefined
  /** Tries again to write what could not be written. */
  save(): void
  close(): void
}

export type CacheChange = {
  readonly scope: string
  readonly resource: Resource
  readonly puts: readonly KubeObject[]
  readonly deletes: readonly ObjectKey[]
  readonly resourceVersion: string
}
