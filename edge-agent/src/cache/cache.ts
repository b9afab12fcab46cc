import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import type { Source } from './source.ts'

/**
 * Where every loop of the agent meets: the objects this node wants, kept on disk so that pods, Services and routes
 * run through any outage and through a cold boot with no hub. Written by its sources only, and always before anybody acts.
 * Reads are synchronous; the objects are shared, so treat them as read-only. They come from memory, but for ConfigMaps and Secrets, which
 * are read from the disk each time: ask for one when it is used, and let go of it.
 */
export type Cache = {
  /** What one source writes; `gives` are the resources that it may have objects of. The same one for the same name. */
  source(name: string, gives: readonly Resource[]): Source
  /** Of a key that several sources have, as the one that was opened first has it. Throws a `NotKept` for one that exists and that this node cannot hold. */
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined
  /** Whether `get` would find it, without reading it: its version, or undefined. Throws as `get` does. */
  versionOf(resource: Resource, key: ObjectKey): string | undefined
  /** What all sources want: the unlisted last, so that of two who cannot both have something the one that is listed comes first. */
  list<T extends KubeObject>(resource: Resource<T>): readonly T[]
  /** What stays although the list of its source lacks it. */
  unlisted<T extends KubeObject>(resource: Resource<T>): readonly T[]
  /** Whether every open source that gives this resource has told what there is of it (also in an earlier life of the process): all of it, or with a key that one object. */
  hasSynced(resource: Resource, key?: ObjectKey): boolean
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

  constructor(message: string) {
    super(message)
    // Until it is read, the stack holds what the methods on it were called on: the lists with the very megabytes for which there is no room.
    void this.stack
  }
}
