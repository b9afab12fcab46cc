import { randomBytes } from 'node:crypto'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { type History, historyFor, type Lives, livesIn, type ToldLife, withLife } from './lives.ts'
import type { LogStats, RevisionLog, Write } from './log.ts'
import { MemoryRow } from './memory-row.ts'
import { bytesOf, Quota } from './quota.ts'
import type { Also, BoundOf, Entry, FieldsOf, ListOptions, Listing, Mark, Store, StoreEvent, WatchOptions, WriteResult } from './store.ts'
import { View } from './view/view.ts'

export type StoreDeps = {
  readonly log: RevisionLog
  /** What entries are found by; without it there is no index. */
  readonly fieldsOf?: FieldsOf
  /** Whether a resource (`/core/events/`) is revisioned and watched like all others but never written, and gone after a restart. */
  readonly isMemory?: (prefix: string) => boolean
  /** Of those resources: what may be kept. */
  readonly boundOf?: BoundOf
  /** What all others may take together. */
  readonly quotaBytes?: number
  readonly onQuota?: (isFull: boolean) => void
  /** In [0, 1). */
  readonly random?: () => number
  /** The name of this life of the log, which no other has. */
  readonly life?: string
  /** Bound of the history of all resources together; the resource with the most is cut first. 16 MiB is what a hub of 120 MiB can spare. */
  readonly historyBytes?: number
  /** Bound of the history of one resource. */
  readonly historyEvents?: number
  /** Writes that may wait for the log; more are refused with `TooManyRequests`. */
  readonly maxWaiting?: number
  /** The same in bytes, for all but short ones, so that large objects from many writers do not pile up before a slow disk. */
  readonly maxWaitingBytes?: number
}

export type StoreStats = LogStats & {
  readonly keys: number
  /** What objects take that are kept on the disk as well, and what they may. */
  readonly liveBytes: number
  readonly quotaBytes: number
  readonly historyEvents: number
  readonly historyBytes: number
  /** Watches that are open. */
  readonly watches: number
  readonly waitingWrites: number
}

/** A write so short is bounded by the number of those that wait, so that large ones never keep out heartbeats and small statuses. */
const shortWriteBytes = 4096
/**
 * How many lives the hub has had. Each gives memory-only changes a range of revisions of their own, above all of the lives before:
 * who comes back with one of those hears that what it knows is gone.
 */
const countKey = '/internal/lives/hub'
const revisionsOfLife = 2 ** 32
/** Of the log, and not of a hub: `Lives`. */
const livesKey = '/internal/history/log'

/**
 * The store over any `RevisionLog`. A change is visible to reads and watches only when the log has taken it, and a conflict shows what
 * the log has.
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
  readonly #view: View
  readonly #memory: MemoryRow
  readonly #quota: Quota
  readonly #random: () => number
  readonly #maxWaiting: number
  readonly #maxWaitingBytes: number
  readonly #life: string
  /** As they are once this life has begun. */
  #lives: Lives | undefined
  /** Until it has, nothing is written: what a life tells must be known as its own. */
  #begun: 'not' | 'as-its-own' | 'beside-another' = 'not'
  #beginning: Promise<void> | undefined
  #waiting = 0
  #waitingBytes = 0
  #closed: Promise<void> | undefined
  readonly #never = new AbortController().signal

  constructor(
    log: RevisionLog,
    {
      fieldsOf = () => undefined,
      isMemory = () => false,
      boundOf = () => undefined,
      quotaBytes = Infinity,
      onQuota,
      random = Math.random,
      life = randomBytes(8).toString('hex'),
      historyBytes = 16 * 1024 * 1024,
      historyEvents = 8192,
      maxWaiting = 10_000,
      maxWaitingBytes = 32 * 1024 * 1024,
    }: Omit<StoreDeps, 'log'>,
  ) {
    this.#log = log
    this.#random = random
    this.#life = life
    this.#maxWaiting = maxWaiting
    this.#maxWaitingBytes = maxWaitingBytes
    this.#quota = new Quota({ bytes: quotaBytes, onChange: onQuota })
    this.#view = new View({
      ...{ fieldsOf, isMemory, historyBytes, historyEvents },
      onGrowth: (bytes) => this.#quota.changed(bytes),
      forget: (forgotten) => log.forget(forgotten),
    })
    this.#memory = new MemoryRow(this.#view, boundOf)
  }

  async load(): Promise<void> {
    const loaded = await this.#log.load()
    for (const mark of loaded.marks) this.#view.setFloor(mark)
    for await (const chunk of loaded.rows) for (const row of chunk) this.#view.restore(row)
    const revision = loaded.revision()
    this.#lives = withLife(livesIn(this.#view.get(livesKey)), this.#life, revision)
    // From somewhere in the range: two lives that a full disk let have the same number are told apart as well.
    const memory = (this.#count() + 1) * revisionsOfLife + Math.floor(this.#random() * (revisionsOfLife / 4))
    this.#view.begin({ disk: revision, memory })
    this.#log.tail(revision, (rows) => this.#view.apply('disk', rows))
    try {
      await this.#begin()
    } catch {
      // A full disk must not keep a hub from starting: the life begins with the first write that it takes.
    }
  }

  #count(): number {
    return Number(this.#view.get(countKey)?.value ?? 0)
  }

  /** Writes down that this life has begun, once; rejects with what the log says. */
  #begin(): Promise<void> {
    const expected = (key: string) => this.#view.get(key)?.revision ?? 0
    const begin = async () => {
      const decision = await this.#log.propose({
        writes: [
          { key: countKey, value: String(this.#count() + 1), expected: expected(countKey) },
          { key: livesKey, value: JSON.stringify(this.#lives), expected: expected(livesKey) },
        ],
      })
      this.#begun = decision.type === 'taken' ? 'as-its-own' : 'beside-another'
    }
    this.#beginning ??= begin().finally(() => (this.#beginning = undefined))
    return this.#beginning
  }

  historyFor(known: readonly ToldLife[]): History {
    if (this.#lives === undefined || this.#begun === 'beside-another') return {}
    const { lives, ...rest } = historyFor(this.#lives, known)
    return this.#begun === 'not' ? rest : { lives, ...rest }
  }

  get stats(): StoreStats {
    let [keys, historyEvents] = [0, 0]
    for (const bucket of this.#view.buckets) {
      keys += bucket.size
      historyEvents += bucket.historyLength
    }
    const { historyBytes, watches } = this.#view
    const { taken, bytes } = this.#quota
    return {
      ...this.#log.stats,
      keys,
      liveBytes: taken,
      quotaBytes: bytes,
      historyEvents,
      historyBytes,
      watches,
      waitingWrites: this.#waiting,
    }
  }

  revisionOf(scope: string): number {
    return this.#view.revisionOf(scope)
  }

  get(key: string): Entry | undefined {
    return this.#view.get(key)
  }

  list(scope: string, options?: ListOptions): Listing {
    return this.#view.list(scope, options)
  }

  create(key: string, value: string, also?: Also): Promise<WriteResult> {
    return this.#write({ key, value, expected: 0 }, also)
  }

  update(key: string, value: string, expected: number, also?: Also): Promise<WriteResult> {
    return this.#write({ key, value, expected }, also)
  }

  delete(key: string, expected: number, also?: Also): Promise<WriteResult> {
    return this.#write({ key, value: null, expected }, also)
  }

  watch(scope: string, from: number, onEvents: (events: readonly StoreEvent[]) => void, options?: WatchOptions): { close(): void } {
    if (this.#closed !== undefined) throw closedError()
    return this.#view.watch(scope, from, onEvents, options)
  }

  reached(scope: string, revision: number, signal: AbortSignal): Promise<void> {
    return this.#view.reached(scope, revision, signal)
  }

  mark(): Mark {
    return this.#view.revisions
  }

  async compact(until: Mark): Promise<void> {
    if (this.#closed !== undefined) throw closedError()
    this.#view.forgetUntil(until)
    await this.#log.compact()
  }

  close(): Promise<void> {
    this.#closed ??= this.#log.close().finally(() => this.#view.close(closedError()))
    return this.#closed
  }

  async #write(write: Write, { isLeaving = false, ...also }: Also = {}): Promise<WriteResult> {
    if (this.#closed !== undefined) throw closedError()
    const { key, value, expected } = write
    if (this.#view.rowOf(key) === 'memory') return this.#memory.write(write)
    const others = also.writes ?? []
    const size = others.reduce((sum, other) => sum + (other.value?.length ?? 0), value?.length ?? 0)
    this.#checkRoom(size)
    const current = this.#view.get(key)
    // Revisions of a key only grow, so this is settled however far behind the log this view is.
    if (expected > 0 && current !== undefined && current.revision > expected) return { type: 'conflict', key, current }
    const growth = others.reduce((sum, other) => sum + this.#growthOf(other), this.#growthOf(write))
    if (!isLeaving) this.#quota.check(growth, expected === 0 || others.some((other) => other.expected === 0 && other.value !== null))
    this.#quota.promise(growth)
    this.#waiting++
    this.#waitingBytes += size
    try {
      if (this.#begun === 'not') await this.#begin()
      const decision = await this.#log.propose({ ...also, writes: [write, ...others] })
      const of = decision.type === 'taken' ? key : decision.key
      if (this.#view.revisionOf(of) < decision.revision) await this.#view.reached(of, decision.revision, this.#never)
      if (decision.type === 'conflict') return { type: 'conflict', key: of, current: this.#view.get(of) }
      const { revision } = decision
      const createRevision = current?.createRevision ?? revision
      return { type: 'written', entry: this.#view.entryAt(key, revision) ?? { key, value: value ?? '', createRevision, revision } }
    } finally {
      this.#quota.keep(growth)
      this.#waiting--
      this.#waitingBytes -= size
    }
  }

  #growthOf({ key, value }: Write): number {
    if (value === null) return 0
    const current = this.#view.get(key)
    return bytesOf(key, value) - (current === undefined ? 0 : bytesOf(key, current.value))
  }

  #checkRoom(size: number): void {
    const refuse = (waiting: string) =>
      new ApiError('TooManyRequests', `${waiting} are waiting for the hub's disk; try again`, { retryAfterSeconds: 1 })
    if (this.#waiting >= this.#maxWaiting) throw refuse(`${this.#waiting} writes`)
    if (size > shortWriteBytes && this.#waitingBytes + size > this.#maxWaitingBytes) throw refuse(`writes of ${this.#waitingBytes} bytes`)
  }
}

const closedError = () => new ApiError('ServiceUnavailable', 'the store is closed: the hub is shutting down')
