import type { Durability, Entry, StoreEvent } from './store.ts'

export type HistoryEvent = StoreEvent & { readonly durability: Durability }

/** The resource a key or a narrower prefix belongs to (`/core/pods/`); undefined for a prefix that spans several. */
export function bucketOf(keyOrPrefix: string): string | undefined {
  const end = keyOrPrefix.indexOf('/', keyOrPrefix.indexOf('/', 1) + 1)
  return end <= 0 ? undefined : keyOrPrefix.slice(0, end + 1)
}

/**
 * The objects of one resource as they are now, in key order, and its recent changes in revision order. Every resource has
 * its own history, so that the heartbeats of one do not push out the changes that watchers of another resume from.
 */
export class Bucket {
  readonly prefix: string
  /** History is complete for revisions above it. */
  floor: number
  /** The log remembers that this resource has changes that are never written. */
  isMarkedMemory = false
  readonly #keys: string[] = []
  readonly #entries = new Map<string, Entry>()
  #history: HistoryEvent[] = []
  /** Where history starts in `#history`; what is before it is let go of in bulk, because shifting an array costs its length. */
  #head = 0
  #historyBytes = 0

  constructor(prefix: string, floor: number) {
    this.prefix = prefix
    this.floor = floor
  }

  get size(): number {
    return this.#keys.length
  }
  get historyLength(): number {
    return this.#history.length - this.#head
  }
  get historyBytes(): number {
    return this.#historyBytes
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Changes the current state and nothing else. */
  set(key: string, entry: Entry | undefined): void {
    const known = this.#entries.has(key)
    if (entry === undefined) {
      if (!known) return
      this.#entries.delete(key)
      this.#keys.splice(this.#indexOf(key), 1)
      return
    }
    this.#entries.set(key, entry)
    if (known) return
    const last = this.#keys.at(-1)
    if (last === undefined || last < key) this.#keys.push(key)
    else this.#keys.splice(this.#indexOf(key), 0, key)
  }

  /** Changes the current state and remembers how. */
  apply(event: HistoryEvent): void {
    this.set(event.entry.key, event.type === 'put' ? event.entry : undefined)
    this.#history.push(event)
    this.#historyBytes += sizeOf(event)
  }

  /** Keys under the prefix that come after `after`, as an index range of the sorted keys. */
  range(prefix: string, after: string | undefined): { readonly start: number; readonly end: number } {
    const first = this.#indexOf(prefix)
    const start = after === undefined || after < prefix ? first : this.#firstWhere((key) => key > after)
    return {
      start,
      end: Math.max(
        start,
        this.#firstWhere((key) => key > prefix && !key.startsWith(prefix)),
      ),
    }
  }

  at(index: number): Entry {
    return this.#entries.get(this.#keys[index] as string) as Entry // the index came from `range`, and every key has its entry
  }

  /** Everything under the prefix as it was at a revision that is not below the floor. */
  entriesAt(revision: number, prefix: string, after: string | undefined): Entry[] {
    const then = new Map<string, Entry | undefined>()
    for (let i = this.#history.length - 1; i >= this.#head; i--) {
      const event = this.#history[i] as HistoryEvent
      if (event.entry.revision <= revision) break
      then.set(event.entry.key, event.previous)
    }
    const { start, end } = this.range(prefix, after)
    const entries: Entry[] = []
    for (let i = start; i < end; i++) {
      const entry = this.at(i)
      if (!then.has(entry.key)) entries.push(entry)
    }
    const unchanged = entries.length
    for (const [key, entry] of then)
      if (entry !== undefined && key.startsWith(prefix) && (after === undefined || key > after)) entries.push(entry)
    if (entries.length > unchanged) entries.sort((a, b) => (a.key < b.key ? -1 : 1))
    return entries
  }

  /** The changes under a prefix after a revision. */
  *changesSince(revision: number, prefix: string): Generator<HistoryEvent> {
    let low = this.#head
    for (let high = this.#history.length; low < high;) {
      const middle = (low + high) >>> 1
      if ((this.#history[middle] as HistoryEvent).entry.revision > revision) high = middle
      else low = middle + 1
    }
    for (let i = low; i < this.#history.length; i++) {
      const event = this.#history[i] as HistoryEvent
      if (event.entry.key.startsWith(prefix)) yield event
    }
  }

  /** Forgets the oldest change and answers the revisions of rows that only it needed; undefined when there is none. */
  forgetOldest(): readonly number[] | undefined {
    const event = this.#history[this.#head]
    if (event === undefined) return undefined
    this.#head++
    if (this.#head > 1024 && this.#head * 2 > this.#history.length) {
      this.#history = this.#history.slice(this.#head)
      this.#head = 0
    }
    this.#historyBytes -= sizeOf(event)
    this.floor = event.entry.revision
    if (event.durability === 'memory') return []
    const rows = event.previous === undefined ? [] : [event.previous.revision]
    if (event.type === 'delete') rows.push(event.entry.revision)
    return rows
  }

  get oldestRevision(): number | undefined {
    return this.#history[this.#head]?.entry.revision
  }

  #indexOf(key: string): number {
    return this.#firstWhere((other) => other >= key)
  }

  #firstWhere(holds: (key: string) => boolean): number {
    let low = 0
    for (let high = this.#keys.length; low < high;) {
      const middle = (low + high) >>> 1
      if (holds(this.#keys[middle] as string)) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Strings of ASCII take a byte a character; 200 is about what an event costs beside its text. */
const sizeOf = ({ entry }: StoreEvent): number => entry.value.length + 200
