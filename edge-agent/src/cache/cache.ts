import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'

/**
 * Where every loop of the agent meets: the objects this node wants, kept on disk so that pods, Services and routes
 * run through any outage and through a cold boot with no hub. Written by `link/sync.ts` only, and always before anybody acts.
 * Reads are synchronous; the objects are shared, so treat them as read-only. They come from memory, but for ConfigMaps and Secrets, which
 * are read from the disk each time: ask for one when it is used, and let go of it.
 */
export type Cache = {
  /** Throws a `NotKept` for one that exists and that this node cannot hold. */
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined
  /** Whether `get` would find it, without reading it: its version, or undefined. Throws as `get` does. */
  versionOf(resource: Resource, key: ObjectKey): string | undefined
  list<T extends KubeObject>(resource: Resource<T>): readonly T[]
  /** The resourceVersion to resume the watch of this scope from; undefined before the first complete list. A scope is one watched list: `pods`, `secrets/default/db`. */
  resourceVersion(scope: string): string | undefined
  /** True once a complete list has ever been stored for the scope (also from an earlier life of the process). */
  hasSynced(scope: string): boolean
  /** Every scope that has ever been listed and not been forgotten, also those that hold nothing. */
  scopes(): readonly string[]
  /**
   * Puts and deletes, persisted before listeners hear of them; on a disk that cannot be written they are held in memory. Throws a `NotKept`
   * for ConfigMaps and Secrets that have no room: their scope is forgotten, and `hasRoom` tells when it is worth a new try.
   */
  apply(change: CacheChange): void
  /** A complete list: what is stored under the scope and not in it is removed. */
  replace(scope: string, resource: Resource, objects: readonly KubeObject[], resourceVersion: string): void
  /** Drops a scope and its objects. */
  forget(scope: string): void
  /** Forgets a scope and says from now on why it is not kept. */
  withhold(scope: string, why: string): void
  /** False while what was refused under this scope would be refused again. Listeners of ConfigMaps and of Secrets are called when it may have changed. */
  hasRoom(scope: string): boolean
  /** Called after every change of the resource, and when a scope of it has been listed for the first time, be it empty; several changes in one tick are one call. Returns the unsubscriber. */
  subscribe(resource: Resource, listener: () => void): () => void
  /** Small facts the agent must remember over restarts (CNI hand-outs, container attempt counts …). */
  readonly facts: { get(key: string): unknown; set(key: string, value: unknown): void; delete(key: string): void }
  /** Why what is held cannot be kept on the disk, and what cannot be held; undefined while everything is. The node goes on with what it holds. */
  problem(): string | undefined
  /** Tries again to write what could not be written. */
  save(): void
  close(): void
}

/** This node does not hold an object that a pod names. Whoever asks for it hears why, by its name; its pod waits. */
export class NotKept extends Error {
  override readonly name = 'NotKept'
}

export type CacheChange = {
  readonly scope: string
  readonly resource: Resource
  readonly puts: readonly KubeObject[]
  readonly deletes: readonly ObjectKey[]
  readonly resourceVersion: string
}
