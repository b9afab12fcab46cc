import { ApiError } from '@bramble/shared/api-error.ts'
import { systemClock, type Clock } from '@bramble/shared/clock.ts'
import { Bucket, type HistoryEvent } from './bucket.ts'
import type { LogBatch, LogMark, LogRow, RevisionLog } from './log.ts'
import { bytesOf, mebi, Quota } from './quota.ts'
import {
  bucketOf,
  RevisionCompacted,
  type BoundOf,
  type Entry,
  type FieldsOf,
  type ListOptions,
  type Listing,
  type Store,
  type StoreEvent,
  type WatchOptions,
  type WriteOptions,
  type WriteResult,
} from './store.ts'
import { WatchHub } from './watch-hub.ts'

export type StoreDeps = {
  readonly log: RevisionLog
  /** What entries are found by; without it there is no index. */
  readonly fieldsOf?: FieldsOf
  /** What memory-only resources may take; without it they have no bound. */
  readonly boundOf?: BoundOf
  /** What all others may take together. */
  readonly quotaBytes?: number
  readonly onQuota?: (isFull: boolean) => void
  /** For the figures only: no decision of the store depends on time. */
  readonly clock?: Clock
  /** Bound of the history of all resources together; the resource with the most is cut first. 16 MiB is what a hub of 120 MiB can spare. */
  readonly historyBytes?: number
  /** Bound of the history of one resource. */
  readonly historyEvents?: number
  /** Writes that may wait for the disk; more are refused with `TooManyRequests`. */
  readonly maxWaiting?: number
  /** The same in bytes, for all but short ones, so that large objects from many writers do not pile up before a slow disk. */
  readonly maxWaitingBytes?: number
  /** Revisions taken at once for changes that are not written: at a heartbeat a second, one small write a day. */
  readonly revisionBlock?: number
}

export type StoreStats = {
  readonly keys: number
  /** What objects take that are kept on the disk as well, and what they may. */
  readonly liveBytes: number
  readonly quotaBytes: number
  readonly historyEvents: number
  readonly historyBytes: number
  /** Watches that are open. */
  readonly watches: number
  readonly waitingWrites: number
  /** Transactions, and the time the disk took for them. */
  readonly commits: number
  readonly commitMs: number
  readonly bytesWritten: number
}

/** A batch is bounded so that a burst does not make one transaction that the first writer waits seconds for. */
const maxBatchWrites = 1000
const maxBatchBytes = 4 * 1024 * 1024
/** A write so short is bounded by the number of those that wait, so that large ones never keep out heartbeats and small statuses. */
const shortWriteBytes = 4096
/** Revisions left free below each batch, for memory-only changes that happen while it is being written. Gaps in revisions harm nobody. */
const headroom = 256
/** Rows to be dropped ride along with a batch of writes from this number on, which saves them a sync of their own. */
const dropWith = 512

type Write = {
  readonly type: 'create' | 'update' | 'delete'
  readonly key: string
  readonly value: string
  readonly expected: number
  readonly options: WriteOptions
  readonly bucket: Bucket
  /** What it has been promised of the quota. */
  growth: number
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * The store over any `RevisionLog`: the current state and a bounded history in memory, writes grouped into one transaction at a time.
 *
 * Invariants: a write is checked against a state in which nothing of its key is under way (the next one waits for it), so what a
 * conflict shows is durable. A change is visible to reads and watches only when it is durable. Revisions become visible in
 * increasing order and are never used twice, also over a crash: none above the log's ceiling is ever used.
 */
export async function createStore({ log, ...options }: StoreDeps): Promise<Store & { readonly stats: StoreStats }> {
  const store = new MvccStore(log, options)
  try {
    await store.load()
  } catch (error) {
    await log.close()
    throw error
  }
  return store
}

class MvccStore implements Store {
  readonly #log: RevisionLog
  readonly #fieldsOf: FieldsOf
  readonly #boundOf: BoundOf
  readonly #quota: Quota
  readonly #clock: Clock
  readonly #historyBytes: number
  readonly #historyEvents: number
  readonly #maxWaiting: number
  readonly #maxWaitingBytes: number
  readonly #revisionBlock: number

  readonly #buckets = new Map<string, Bucket>()
  readonly #hub = new WatchHub()
  #totalHistoryBytes = 0

  /** The newest visible revision, and the highest number that was given out. */
  #revision = 0
  #cursor = 0
  #ceiling = 0

  readonly #queue: Write[] = []
  /** Keys with a write in the queue or under way, and who waits for it. */
  readonly #busy = new Map<string, Write[]>()
  #waiting = 0
  #waitingBytes = 0
  #flight: { readonly first: number } | undefined
  #scheduled = false
  /** What the next batch carries beside writes. */
  #wantsCeiling = false
  #drop: number[] = []
  readonly #moved = new Set<Bucket>()
  #compactions: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  #commits = 0
  #commitMs = 0
  #closed: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  constructor(
    log: RevisionLog,
    {
      fieldsOf = () => undefined,
      boundOf = () => undefined,
      quotaBytes = Infinity,
      onQuota,
      clock = systemClock,
      historyBytes = 16 * 1024 * 1024,
      historyEvents = 8192,
      maxWaiting = 10_000,
      maxWaitingBytes = 32 * 1024 * 1024,
      revisionBlock = 100_000,
    }: Omit<StoreDeps, 'log'>,
  ) {
    this.#log = log
    this.#fieldsOf = fieldsOf
    this.#boundOf = boundOf
    this.#quota = new Quota({ bytes: quotaBytes, onChange: onQuota })
    this.#clock = clock
    this.#historyBytes = historyBytes
    this.#historyEvents = historyEvents
    this.#maxWaiting = maxWaiting
    this.#maxWaitingBytes = maxWaitingBytes
    this.#revisionBlock = revisionBlock
  }

  async load(): Promise<void> {
    const { ceiling, marks, rows } = await this.#log.load()
    for (const { prefix, floor, memory } of marks) {
      const bucket = new Bucket(prefix, floor)
      bucket.isMarkedMemory = memory
      this.#buckets.set(prefix, bucket)
    }
    let newest = ceiling
    for await (const chunk of rows)
      for (const row of chunk) {
        this.#restore(row)
        newest = row.revision
      }
    // One more than anything ever used: who knew the last revision of the life before must hear that the memory-only objects are gone.
    this.#revision = this.#cursor = Math.max(ceiling, newest) + 1
    this.#ceiling = ceiling
    for (const bucket of this.#buckets.values()) {
      if (bucket.isMarkedMemory) bucket.floor = this.#revision
      this.#trim(bucket)
    }
  }

  get revision(): number {
    return this.#revision
  }

  get stats(): StoreStats {
    let keys = 0
    let historyEvents = 0
    for (const bucket of this.#buckets.values()) {
      keys += bucket.size
      historyEvents += bucket.historyLength
    }
    return {
      keys,
      liveBytes: this.#quota.taken,
      quotaBytes: this.#quota.bytes,
      historyEvents,
      historyBytes: this.#totalHistoryBytes,
      watches: this.#hub.size,
      waitingWrites: this.#waiting,
      commits: this.#commits,
      commitMs: this.#commitMs,
      bytesWritten: this.#log.bytesWritten,
    }
  }

  get(key: string): Entry | undefined {
    return this.#buckets.get(bucketOf(key) ?? key)?.get(key)
  }

  list(scope: string, { revision, limit = Infinity, where, after }: ListOptions = {}): Listing {
    const buckets = this.#bucketsUnder(scope)
    if (revision !== undefined && revision !== this.#revision) {
      this.#checkHistory(buckets, revision)
      const all = buckets.flatMap((bucket) => bucket.entriesAt(revision, scope, { where, after }))
      return page(all.slice(0, limit), all.length, revision)
    }
    const entries: Entry[] = []
    let total = 0
    for (const bucket of buckets) {
      const found = bucket.entries(scope, { where, after })
      total += found.size
      for (let i = 0; i < found.size && entries.length < limit; i++) entries.push(found.at(i))
    }
    return page(entries, total, this.#revision)
  }

  create(key: string, value: string, options: WriteOptions): Promise<WriteResult> {
    return this.#write('create', key, value, 0, options)
  }

  update(key: string, value: string, expected: number, options: WriteOptions): Promise<WriteResult> {
    return this.#write('update', key, value, expected, options)
  }

  delete(key: string, expected: number, options: WriteOptions): Promise<WriteResult> {
    return this.#write('delete', key, '', expected, options)
  }

  watch(
    scope: string,
    from: number,
    onEvents: (events: readonly StoreEvent[]) => void,
    { where, onClosed }: WatchOptions = {},
  ): { close(): void } {
    if (this.#closed !== undefined) throw closedError()
    const buckets = this.#bucketsUnder(scope)
    if (from !== this.#revision) this.#checkHistory(buckets, from)
    const missed = buckets.flatMap((bucket) => [...bucket.changesSince(from, scope, where)])
    if (buckets.length > 1) missed.sort((a, b) => a.entry.revision - b.entry.revision)
    // Registered first: a change that the callback causes must not be lost to it.
    const watch = this.#hub.add({ scope, where }, this.#revision, onEvents, onClosed)
    if (missed.length > 0) onEvents(missed)
    return watch
  }

  async compact(revision: number): Promise<void> {
    if (this.#closed !== undefined) throw closedError()
    const until = Math.min(revision, this.#revision)
    // A resource's floor is its last forgotten change: who was away for a year resumes where nothing has changed since.
    for (const bucket of this.#buckets.values()) while ((bucket.oldestRevision ?? Infinity) <= until) this.#forgetOldest(bucket)
    if (this.#drop.length === 0) return
    return new Promise((resolve, reject) => {
      this.#compactions.push({ resolve, reject })
      this.#schedule()
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#drainAndClose()
    return this.#closed
  }

  async #drainAndClose(): Promise<void> {
    if (this.#waiting > 0 || this.#flight !== undefined) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    try {
      this.#hub.close(closedError())
    } finally {
      await this.#log.close()
    }
  }

  #write(type: Write['type'], key: string, value: string, expected: number, options: WriteOptions): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(closedError())
      if (this.#waiting >= this.#maxWaiting)
        return reject(
          new ApiError('TooManyRequests', `${this.#waiting} writes are waiting for the hub's disk; try again`, { retryAfterSeconds: 1 }),
        )
      if (value.length > shortWriteBytes && this.#waitingBytes + value.length > this.#maxWaitingBytes)
        return reject(
          new ApiError('TooManyRequests', `writes of ${this.#waitingBytes} bytes are waiting for the hub's disk; try again`, {
            retryAfterSeconds: 1,
          }),
        )
      this.#waiting++
      this.#waitingBytes += value.length
      this.#submit({ type, key, value, expected, options, bucket: this.#bucket(key), growth: 0, resolve, reject })
    })
  }

  #submit(write: Write): void {
    const waiters = this.#busy.get(write.key)
    if (waiters !== undefined) return void waiters.push(write)

    const current = write.bucket.get(write.key)
    const isAsExpected = write.type === 'create' ? current === undefined : current?.revision === write.expected
    if (!isAsExpected) return this.#settle(write, { type: 'conflict', current })

    const growth =
      write.type === 'delete' ? 0 : bytesOf(write.key, write.value) - (current === undefined ? 0 : bytesOf(write.key, current.value))
    const refusal = this.#refusalOf(write, growth)
    if (refusal !== undefined) return this.#fail(write, refusal)

    if (write.options.durability === 'memory' && this.#applyAtOnce(write)) return
    write.growth = write.options.durability === 'memory' ? 0 : growth
    this.#quota.promise(write.growth)
    this.#busy.set(write.key, [])
    this.#queue.push(write)
    this.#schedule()
  }

  #refusalOf({ type, options, bucket }: Write, growth: number): ApiError | undefined {
    if (options.isLeaving === true) return undefined
    if (options.durability === 'disk') return this.#quota.refusalOf(growth, type === 'create')
    const bound = this.#boundOf(bucket.prefix)
    if (bound?.whenFull !== 'refuse' || growth <= 0) return undefined
    if (bucket.liveBytes + growth <= bound.bytes && bucket.size < bound.count + (type === 'create' ? 0 : 1)) return undefined
    const most = `${bound.count} objects or ${mebi(bound.bytes)}`
    return new ApiError('InsufficientStorage', `${bucket.prefix} is kept in memory only and has ${most}: delete what is not needed`)
  }

  /** Those that are being changed or deleted already count as gone, so that no more go than are too many. */
  #makeRoom(bucket: Bucket): void {
    const bound = this.#boundOf(bucket.prefix)
    if (bound?.whenFull !== 'oldest-go') return
    let { size, liveBytes } = bucket
    for (const { key, value, revision } of bucket.oldest()) {
      if (size <= bound.count && liveBytes <= bound.bytes) return
      size -= 1
      liveBytes -= bytesOf(key, value)
      if (!this.#busy.has(key)) this.#write('delete', key, '', revision, { durability: 'memory' }).catch(() => {}) // the next change tries again
    }
  }

  /** A memory-only change does not wait for the disk as long as a revision is at hand that can be seen before those under way. */
  #applyAtOnce(write: Write): boolean {
    const revision = this.#cursor + 1
    if (!write.bucket.isMarkedMemory || revision > this.#ceiling) return false
    if (this.#flight !== undefined && revision >= this.#flight.first) return false
    this.#cursor = revision
    const event = this.#eventOf(write, revision)
    this.#apply([event], revision)
    this.#settle(write, { type: 'written', entry: event.entry })
    if (event.type === 'put') this.#makeRoom(write.bucket)
    if (revision + this.#revisionBlock / 10 > this.#ceiling && !this.#wantsCeiling) {
      this.#wantsCeiling = true
      this.#schedule()
    }
    return true
  }

  /** After the callbacks of this turn, so that all writes that arrived together share a transaction. */
  #schedule(): void {
    if (this.#scheduled || this.#flight !== undefined) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#flush()
    })
  }

  /** Never rejects: what goes wrong is told to those who wait for it. */
  async #flush(): Promise<void> {
    const writes = this.#takeBatch()
    const compactions = this.#compactions.splice(0)
    const first = this.#cursor + 1 + headroom
    const last = first + writes.length - 1
    const changes = writes.map((write, i) => ({ write, event: this.#eventOf(write, first + i) }))

    const newMemory = new Set(
      writes.filter(({ options, bucket }) => options.durability === 'memory' && !bucket.isMarkedMemory).map((w) => w.bucket),
    )
    const dropped = compactions.length > 0 || this.#drop.length >= dropWith ? this.#drop.splice(0) : []
    const moved = dropped.length > 0 ? [...this.#moved] : []
    // Taken with the rows: a resource that forgets more while this batch is under way is marked again with the next one.
    for (const bucket of moved) this.#moved.delete(bucket)
    // Also with a batch that is under way anyway, once half of the block is used up.
    const ceiling = this.#wantsCeiling || last + this.#revisionBlock / 2 > this.#ceiling ? last + this.#revisionBlock : undefined
    const batch: LogBatch = {
      rows: changes.filter(({ write }) => write.options.durability === 'disk').map(({ event }) => rowOf(event)),
      ...(ceiling !== undefined && { ceiling }),
      ...((newMemory.size > 0 || moved.length > 0) && { marks: marksOf(moved, newMemory) }),
      ...(dropped.length > 0 && { drop: dropped }),
    }

    this.#flight = { first }
    const started = this.#clock.monotonic()
    try {
      await this.#log.append(batch)
      this.#commits++
      this.#commitMs += this.#clock.monotonic() - started
    } catch (error) {
      this.#drop.push(...dropped)
      for (const bucket of moved) this.#moved.add(bucket)
      // Nothing of it is there, so its numbers are free: were they used up, a full disk that refuses writes would use up the block as
      // well, and with it the heartbeats of all nodes.
      this.#flight = undefined
      this.#wantsCeiling = false
      for (const { reject } of compactions) reject(error)
      for (const write of writes) this.#fail(write, error)
      return this.#next(writes)
    }
    this.#flight = undefined
    this.#cursor = Math.max(this.#cursor, last)
    if (ceiling !== undefined) {
      this.#ceiling = ceiling
      this.#wantsCeiling = false
    }
    for (const bucket of newMemory) bucket.isMarkedMemory = true
    if (changes.length > 0)
      this.#apply(
        changes.map(({ event }) => event),
        last,
      )
    for (const { resolve } of compactions) resolve()
    for (const { write, event } of changes) this.#settle(write, { type: 'written', entry: event.entry })
    this.#next(writes)
    for (const bucket of new Set(writes.map((write) => write.bucket))) this.#makeRoom(bucket)
  }

  /** Lets those go on who waited for a write of the same key, and starts the next batch. */
  #next(done: readonly Write[]): void {
    for (const { key } of done) {
      const waiters = this.#busy.get(key)
      this.#busy.delete(key)
      for (const waiter of waiters ?? []) this.#submit(waiter)
    }
    if (this.#queue.length > 0 || this.#compactions.length > 0 || this.#wantsCeiling) this.#schedule()
    else if (this.#waiting === 0) this.#onIdle?.()
  }

  #takeBatch(): Write[] {
    let count = 0
    for (let bytes = 0; count < Math.min(this.#queue.length, maxBatchWrites) && bytes < maxBatchBytes; count++)
      bytes += (this.#queue[count] as Write).value.length
    return this.#queue.splice(0, count)
  }

  #apply(events: readonly HistoryEvent[], revision: number): void {
    for (const event of events) {
      const bucket = this.#bucket(event.entry.key)
      this.#count(bucket, () => bucket.apply(event))
      this.#trim(bucket)
    }
    this.#revision = revision
    this.#hub.publish(events)
  }

  #count(bucket: Bucket, change: () => void): void {
    const { historyBytes, liveBytes } = bucket
    change()
    this.#totalHistoryBytes += bucket.historyBytes - historyBytes
    if (!bucket.isMarkedMemory) this.#quota.changed(bucket.liveBytes - liveBytes)
  }

  #trim(bucket: Bucket): void {
    while (bucket.historyLength > this.#historyEvents) this.#forgetOldest(bucket)
    while (this.#totalHistoryBytes > this.#historyBytes) {
      let largest = bucket
      for (const other of this.#buckets.values()) if (other.historyBytes > largest.historyBytes) largest = other
      this.#forgetOldest(largest)
    }
  }

  #forgetOldest(bucket: Bucket): void {
    const before = bucket.historyBytes
    const rows = bucket.forgetOldest() ?? []
    this.#totalHistoryBytes += bucket.historyBytes - before
    if (rows.length === 0) return
    this.#drop.push(...rows)
    this.#moved.add(bucket)
  }

  #settle({ resolve, value, growth }: Write, result: WriteResult): void {
    this.#quota.keep(growth)
    this.#waiting--
    this.#waitingBytes -= value.length
    resolve(result)
  }

  #fail({ reject, value, growth }: Write, error: unknown): void {
    this.#quota.keep(growth)
    this.#waiting--
    this.#waitingBytes -= value.length
    reject(error)
  }

  #restore({ revision, key, createRevision, value }: LogRow): void {
    const bucket = this.#bucket(key)
    const previous = bucket.get(key)
    const entry = this.#entryOf({ key, value: value ?? previous?.value ?? '', createRevision, revision })
    this.#count(bucket, () =>
      revision <= bucket.floor
        ? bucket.set(key, value === null ? undefined : entry)
        : bucket.apply({ type: value === null ? 'delete' : 'put', entry, previous, durability: 'disk' }),
    )
  }

  #eventOf({ type, key, value, bucket, options: { durability } }: Write, revision: number): HistoryEvent {
    const previous = bucket.get(key)
    const createRevision = previous?.createRevision ?? revision
    if (type === 'delete' && previous !== undefined) return { type, entry: { ...previous, revision }, previous, durability }
    return { type: 'put', entry: this.#entryOf({ key, value, createRevision, revision }), previous, durability }
  }

  #entryOf(entry: Entry): Entry {
    const fields = this.#fieldsOf(entry.key, entry.value)
    return fields === undefined ? entry : { ...entry, fields }
  }

  #bucket(key: string): Bucket {
    const prefix = bucketOf(key) ?? key
    const known = this.#buckets.get(prefix)
    if (known !== undefined) return known
    const bucket = new Bucket(prefix, 0)
    this.#buckets.set(prefix, bucket)
    return bucket
  }

  #bucketsUnder(scope: string): readonly Bucket[] {
    const one = bucketOf(scope)
    if (one === undefined)
      return [...this.#buckets.values()].filter((bucket) => bucket.prefix.startsWith(scope)).sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
    const bucket = this.#buckets.get(one)
    return bucket === undefined ? [] : [bucket]
  }

  /** A revision that was never given out is from before the hub lost its home; its owner has to list again just the same. */
  #checkHistory(buckets: readonly Bucket[], revision: number): void {
    const oldest = buckets.reduce((floor, bucket) => Math.max(floor, bucket.floor), 0)
    if (revision < oldest || revision > this.#revision) throw new RevisionCompacted(revision, oldest)
  }
}

const page = (entries: readonly Entry[], total: number, revision: number): Listing => {
  const remaining = total - entries.length
  return { entries, revision, more: remaining > 0, remaining }
}

const rowOf = ({ type, entry: { revision, key, createRevision, value } }: HistoryEvent): LogRow => ({
  revision,
  key,
  createRevision,
  value: type === 'delete' ? null : value,
})

const marksOf = (moved: readonly Bucket[], newMemory: ReadonlySet<Bucket>): LogMark[] =>
  [...new Set([...moved, ...newMemory])].map((bucket) => ({
    prefix: bucket.prefix,
    floor: bucket.floor,
    memory: bucket.isMarkedMemory || newMemory.has(bucket),
  }))

const closedError = () => new ApiError('ServiceUnavailable', 'the store is closed: the hub is shutting down')
