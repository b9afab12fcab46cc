import type { History, ToldLife } from './lives.ts'
import type { Hold, Write } from './log.ts'

/**
 * Where objects live: keys, revisions and watches. A key is `/<group or core>/<resource>/<namespace>/<name>` (cluster-scoped: no
 * namespace part). A value is text that the store never looks into. Only the apiserver talks to it.
 *
 * A scope is a key, or what keys of one resource begin with up to and including a slash. Entries have fields if the store was opened with a way to tell
 * them; by `where` those with one value of a field are found, and their changes heard, without a look at the others.
 */
export type Store = {
  /**
   * The newest revision of the resource that a scope belongs to. What is written counts in one row, what is memory-only in another
   * that lies above it and starts anew, higher, with each start.
   */
  revisionOf(scope: string): number
  /** The value now. Reads are served from memory and see every write that was acknowledged before. */
  get(key: string): Entry | undefined
  /** Entries of one resource in key order, as they are now or were at `revision`. Throws `RevisionCompacted` or `RevisionAhead`. */
  list(scope: string, options?: ListOptions): Listing
  /** Resolves when the change is durable (if it is not memory-only) and visible. */
  create(key: string, value: string, also?: Also): Promise<WriteResult>
  /** `expected`: the revision the entry must have; anything else is answered as a conflict, never overwritten. */
  update(key: string, value: string, expected: number, also?: Also): Promise<WriteResult>
  delete(key: string, expected: number, also?: Also): Promise<WriteResult>
  /**
   * Every change in the scope after `from`, in revision order, in batches; first what is already there, then what comes.
   * `onEvents` is called synchronously with each batch and must not throw. Throws `RevisionCompacted` or `RevisionAhead`.
   */
  watch(scope: string, from: number, onEvents: (events: readonly StoreEvent[]) => void, options?: WatchOptions): { close(): void }
  /** Resolves when the scope's resource stands at this revision or above it, at the latest when the signal aborts: look again then. */
  reached(scope: string, revision: number, signal: AbortSignal): Promise<void>
  /** What of that which was told in earlier lives of the log happened here. Of what is written; what is memory-only is gone with its life. */
  historyFor(known: readonly ToldLife[]): History
  /** Where the store stands, for `compact`. */
  mark(): Mark
  /** Forgets the history up to a mark; what is live stays. */
  compact(until: Mark): Promise<void>
  close(): Promise<void>
}

export type { Hold, Write } from './log.ts'

/** What is written in the same transaction, or must be true in it. Of what is durable only. */
export type Also = {
  readonly writes?: readonly Write[]
  readonly holds?: readonly Hold[]
  /** A step towards an object's end, as the mark of its deletion is: however full the store, there is room for it. */
  readonly isLeaving?: boolean
}

/** Of both rows of revisions. */
export type Mark = { readonly disk: number; readonly memory: number }

export type Entry = {
  readonly key: string
  readonly value: string
  readonly createRevision: number
  readonly revision: number
  /** What it can be found by. */
  readonly fields?: IndexedFields
  /** Its value is ASCII alone, as whoever copies it out wants to know of nearly all. */
  readonly isAscii?: boolean
}

/** Field to value. A field that is not set is an empty text, by which nothing can be found. */
export type IndexedFields = Readonly<Record<string, string>>
/** Tells the fields of what is stored; nothing for a resource without an index. Must not throw, whatever the text is. */
export type FieldsOf = (key: string, value: string) => IndexedFields | undefined
/** The value must not be empty. */
export type Where = { readonly field: string; readonly value: string }

export type ListOptions = {
  readonly revision?: number
  readonly where?: Where | undefined
  readonly limit?: number
  /** Exclusive start, for the next page. */ readonly after?: string
}
export type WatchOptions = {
  /** What had the value before a change is heard of as well. */
  readonly where?: Where | undefined
  /** Called once if the store ends the watch itself. */
  readonly onClosed?: (error: Error) => void
}
export type Listing = { readonly entries: readonly Entry[]; readonly revision: number; readonly more: boolean; readonly remaining: number }

/** What the objects of a resource that is not written may take; when it is full, those untouched for longest go, or new ones are refused. */
export type Bound = { readonly bytes: number; readonly count: number; readonly whenFull: 'oldest-go' | 'refuse' }
/** Tells the bound of the resource of a prefix (`/core/events/`). */
export type BoundOf = (prefix: string) => Bound | undefined

export type WriteResult =
  | { readonly type: 'written'; readonly entry: Entry }
  /** The key (the one to be written, or one of `also`) exists, is gone, or has another revision; `current` is what is there. */
  | { readonly type: 'conflict'; readonly key: string; readonly current: Entry | undefined }

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

/** Asked for a revision that this store has not reached: it lags, or the revision is from before it lost its home. */
export class RevisionAhead extends Error {
  readonly newest: number
  constructor(asked: number, newest: number) {
    super(`revision ${asked} is ahead of this store, which stands at ${newest}`)
    this.name = 'RevisionAhead'
    this.newest = newest
  }
}

/** The resource that a scope belongs to (`/core/pods/`); undefined if it is wider than one. */
export function bucketOf(keyOrPrefix: string): string | undefined {
  const end = keyOrPrefix.indexOf('/', keyOrPrefix.indexOf('/', 1) + 1)
  return end <= 0 ? undefined : keyOrPrefix.slice(0, end + 1)
}
