import { Bucket } from './bucket.ts'
import type { Forgotten, LogMark, LogRow } from '../log.ts'
import {
  bucketOf,
  type Entry,
  type FieldsOf,
  type Listing,
  type ListOptions,
  type Mark,
  RevisionAhead,
  RevisionCompacted,
  type StoreEvent,
  type WatchOptions,
} from '../store.ts'
import { WatchHub } from './watch-hub.ts'

/** The two rows of revisions. */
export type Row = keyof Mark

export type ViewOptions = {
  readonly fieldsOf: FieldsOf
  readonly isMemory: (prefix: string) => boolean
  readonly historyBytes: number
  readonly historyEvents: number
  /** Hears by how much what is kept for good takes more, or less. */
  readonly onGrowth: (bytes: number) => void
  /** What is left of the log's rows only for history that is forgotten. */
  readonly forget: (forgotten: Forgotten) => void
}

/**
 * The current state and a bounded history of all resources, in memory, and who watches them. Nothing is decided here: changes come
 * with their revisions, in increasing order within each of the two rows.
 */
export class View {
  readonly #options: ViewOptions
  readonly #buckets = new Map<string, Bucket>()
  readonly #hub = new WatchHub()
  readonly #revisions = { disk: 0, memory: 0 }
  /** Where the memory-only row began in this life: nothing older is known of it. */
  #memoryStart = 0
  #historyBytes = 0
  #drop: number[] = []
  readonly #moved = new Set<Bucket>()
  readonly #waiting = new Set<{ readonly row: Row; readonly revision: number; readonly resolve: () => void }>()

  constructor(options: ViewOptions) {
    this.#options = options
  }

  get revisions(): Mark {
    return { ...this.#revisions }
  }
  get historyBytes(): number {
    return this.#historyBytes
  }
  get watches(): number {
    return this.#hub.size
  }
  get buckets(): Iterable<Bucket> {
    return this.#buckets.values()
  }

  rowOf(scope: string): Row {
    return rowOf(this.#bucket(scope))
  }

  revisionOf(scope: string): number {
    return this.#revisions[this.rowOf(scope)]
  }

  get(key: string): Entry | undefined {
    return this.#bucket(key).get(key)
  }

  /** How much there is of a scope's resource, and which of it was changed longest ago. */
  extentOf(scope: string): { readonly size: number; readonly liveBytes: number; readonly oldest: Entry | undefined } {
    const bucket = this.#bucket(scope)
    return { size: bucket.size, liveBytes: bucket.liveBytes, oldest: bucket.oldest().next().value }
  }

  list(scope: string, { revision, limit = Infinity, where, after }: ListOptions = {}): Listing {
    const bucket = this.#bucket(scope)
    const now = this.#revisions[rowOf(bucket)]
    if (revision !== undefined && revision !== now) {
      this.#checkHistory(bucket, revision)
      const then = bucket.entriesAt(revision, scope, { where, after, limit })
      return page(then.entries, then.total, revision)
    }
    const found = bucket.entries(scope, { where, after })
    const entries = Array.from({ length: Math.min(limit, found.size) }, (_, index) => found.at(index))
    return page(entries, found.size, now)
  }

  watch(
    scope: string,
    from: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    { where, onClosed }: WatchOptions = {},
  ): { close(): void } {
    const bucket = this.#bucket(scope)
    const now = this.#revisions[rowOf(bucket)]
    if (from !== now) this.#checkHistory(bucket, from)
    const missed = [...bucket.changesSince(from, scope, where)]
    // Registered first: a change that the callback causes must not be lost to it.
    const watch = this.#hub.add({ scope, where }, now, onEvents, onClosed)
    if (missed.length > 0) onEvents(missed)
    return watch
  }

  reached(scope: string, revision: number, signal: AbortSignal): Promise<void> {
    const row = this.rowOf(scope)
    if (this.#revisions[row] >= revision || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiting = { row, revision, resolve: () => end() }
      const end = () => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', end)
        resolve()
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', end, { once: true })
    })
  }

  /** Before anything else: what the log has forgotten of a resource. */
  setFloor({ prefix, floor }: LogMark): void {
    this.#bucket(prefix).floor = floor
  }

  /** A row of the log from an earlier life; nobody watches yet. */
  restore({ revision, key, createRevision, value }: LogRow): void {
    const bucket = this.#bucket(key)
    const previous = bucket.get(key)
    const entry = this.#entryOf({ key, value: value ?? previous?.value ?? '', createRevision, revision })
    this.#count(bucket, () =>
      revision <= bucket.floor
        ? bucket.set(key, value === null ? undefined : entry)
        : bucket.apply({ type: value === null ? 'delete' : 'put', entry, previous }),
    )
    this.#trim(bucket)
  }

  /** All that was restored is this far; memory-only changes of this life come after `memory`. */
  begin({ disk, memory }: Mark): void {
    Object.assign(this.#revisions, { disk, memory })
    this.#memoryStart = memory
    for (const bucket of this.#buckets.values()) if (bucket.isMemory) bucket.floor = memory
    this.#tellForgotten()
  }

  /** Changes of one row, above all that it had. */
  apply(row: Row, rows: readonly LogRow[]): void {
    const events: StoreEvent[] = []
    for (const change of rows) {
      const bucket = this.#bucket(change.key)
      const event = this.#eventOf(bucket, change)
      events.push(event)
      this.#count(bucket, () => bucket.apply(event))
      this.#trim(bucket)
    }
    const { revision } = rows.at(-1) as LogRow
    this.#revisions[row] = revision
    this.#tellForgotten()
    for (const waiting of this.#waiting) if (waiting.row === row && waiting.revision <= revision) waiting.resolve()
    this.#hub.publish(events)
  }

  /** The entry that a write has made, or of a deletion what there was, with the deletion's revision. Undefined if that is forgotten. */
  entryAt(key: string, revision: number): Entry | undefined {
    const bucket = this.#bucket(key)
    const current = bucket.get(key)
    return current?.revision === revision ? current : bucket.changeAt(revision)?.entry
  }

  /** A resource's floor is its last forgotten change: who was away for a year resumes where nothing has changed since. */
  forgetUntil(until: Mark): void {
    for (const bucket of this.#buckets.values()) {
      const row = rowOf(bucket)
      const last = Math.min(until[row], this.#revisions[row])
      while ((bucket.oldestRevision ?? Infinity) <= last) this.#forgetOldest(bucket)
    }
    this.#tellForgotten()
  }

  close(error: Error): void {
    for (const { resolve } of this.#waiting) resolve()
    this.#hub.close(error)
  }

  #eventOf(bucket: Bucket, { revision, key, createRevision, value }: LogRow): StoreEvent {
    const previous = bucket.get(key)
    if (value === null && previous !== undefined) return { type: 'delete', entry: { ...previous, revision }, previous }
    // One text of the key for all revisions that are remembered.
    return { type: 'put', entry: this.#entryOf({ key: previous?.key ?? key, value: value ?? '', createRevision, revision }), previous }
  }

  #entryOf({ key, value, createRevision, revision }: Entry): Entry {
    const fields = this.#options.fieldsOf(key, value)
    // What is as long in UTF-8 as in characters.
    const isAscii = Buffer.byteLength(value) === value.length
    return { key, value, createRevision, revision, isAscii, ...(fields !== undefined && { fields }) }
  }

  #count(bucket: Bucket, change: () => void): void {
    const { historyBytes, liveBytes } = bucket
    change()
    this.#historyBytes += bucket.historyBytes - historyBytes
    if (!bucket.isMemory) this.#options.onGrowth(bucket.liveBytes - liveBytes)
  }

  #trim(bucket: Bucket): void {
    while (bucket.historyLength > this.#options.historyEvents) this.#forgetOldest(bucket)
    while (this.#historyBytes > this.#options.historyBytes) {
      let largest = bucket
      for (const other of this.#buckets.values()) if (other.historyBytes > largest.historyBytes) largest = other
      this.#forgetOldest(largest)
    }
  }

  #forgetOldest(bucket: Bucket): void {
    const before = bucket.historyBytes
    const rows = bucket.forgetOldest() ?? []
    this.#historyBytes += bucket.historyBytes - before
    if (rows.length === 0) return
    this.#drop.push(...rows)
    this.#moved.add(bucket)
  }

  #tellForgotten(): void {
    if (this.#drop.length === 0) return
    this.#options.forget({ drop: this.#drop, marks: [...this.#moved].map(({ prefix, floor }) => ({ prefix, floor })) })
    this.#drop = []
    this.#moved.clear()
  }

  #bucket(scope: string): Bucket {
    const prefix = bucketOf(scope)
    if (prefix === undefined) throw new Error(`${scope} is wider than one resource`)
    const known = this.#buckets.get(prefix)
    if (known !== undefined) return known
    const isMemory = this.#options.isMemory(prefix)
    const bucket = new Bucket(prefix, { floor: isMemory ? this.#memoryStart : 0, isMemory })
    this.#buckets.set(prefix, bucket)
    return bucket
  }

  #checkHistory(bucket: Bucket, revision: number): void {
    const newest = this.#revisions[rowOf(bucket)]
    if (revision > newest) throw new RevisionAhead(revision, newest)
    if (revision < bucket.floor) throw new RevisionCompacted(revision, bucket.floor)
  }
}

const rowOf = ({ isMemory }: Bucket): Row => (isMemory ? 'memory' : 'disk')

const page = (entries: readonly Entry[], total: number, revision: number): Listing => {
  const remaining = total - entries.length
  return { entries, revision, more: remaining > 0, remaining }
}
