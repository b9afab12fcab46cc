/**
 * Where objects live: keys, revisions and watches. A key is `/<group or core>/<resource>/<namespace>/<name>` (cluster-scoped: no
 * namespace part). A value is text that the store never looks into. Only the apiserver talks to it.
 */
export type Store = {
  /** The revision of the newest change that this store has applied. */
  readonly revision: number
  /** The value now. Reads are served from memory and see every write that was acknowledged before. */
  get(key: string): Entry | undefined
  /** Entries under a prefix in key order, as they are now or were at `revision` (throws `RevisionCompacted` when that is gone). */
  list(prefix: string, options?: ListOptions): Listing
  /** Resolves when the change is durable (for `disk`) and visible. */
  create(key: string, value: string, options: WriteOptions): Promise<WriteResult>
  /** `expected`: the revision the entry must have; anything else is answered as a conflict, never overwritten. */
  update(key: string, value: string, expected: number, options: WriteOptions): Promise<WriteResult>
  delete(key: string, expected: number, options: WriteOptions): Promise<WriteResult>
  /**
   * Every change under the prefix after `from`, in revision order, in batches; first what is already there, then what comes.
   * `onEvents` is called synchronously with each batch and must not throw. Throws `RevisionCompacted` when `from` is older than the history that is kept.
   * `onClosed` is called once if the store ends the watch itself.
   */
  watch(
    prefix: string,
    from: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    onClosed?: (error: Error) => void,
  ): { close(): void }
  /** Forgets the history up to a revision; what is live stays. */
  compact(revision: number): Promise<void>
  close(): Promise<void>
}

export type Entry = { readonly key: string; readonly value: string; readonly createRevision: number; readonly revision: number }
export type ListOptions = {
  readonly revision?: number
  readonly limit?: number
  /** Exclusive start, for the next page. */ readonly after?: string
}
export type Listing = { readonly entries: readonly Entry[]; readonly revision: number; readonly more: boolean; readonly remaining: number }

/**
 * `memory`: revisioned and watched like everything else, but never written to disk and gone after a restart.
 * One key always has one durability.
 */
export type Durability = 'disk' | 'memory'
export type WriteOptions = { readonly durability: Durability }

export type WriteResult =
  | { readonly type: 'written'; readonly entry: Entry }
  /** The key exists (create), is gone, or has another revision; `current` is what is there. */
  | { readonly type: 'conflict'; readonly current: Entry | undefined }

/** `previous` is the entry before the change, so that a selector's watcher knows what left its view. `entry` of a deletion has the last value and the revision of the deletion. */
export type StoreEvent = {
  readonly type: 'put' | 'delete'
  readonly entry: Entry
  readonly previous: Entry | undefined
}

/** Asked for a revision whose history is gone: list again. */
export class RevisionCompacted extends Error {
  readonly oldest: number
  constructor(asked: number, oldest: number) {
    super(`revision ${asked} is too old: history starts at ${oldest}`)
    this.name = 'RevisionCompacted'
    this.oldest = oldest
  }
}
