import { bytesOf } from '../quota.ts'
import { isUnder, SortedKeys } from './sorted-keys.ts'
import type { Entry, StoreEvent, Where } from '../store.ts'

/**
 * The objects of one resource as they are now, in key order, and its recent changes in revision order. Every resource has
 * its own history, so that the heartbeats of one do not push out the changes that watchers of another resume from.
 */
export class Bucket {
  readonly prefix: string
  /** History is complete for revisions above it. */
  floor: number
  /** Its changes are never written. */
  readonly isMemory: boolean
  readonly #keys = new SortedKeys()
  /** In the order of their last change. */
  readonly #entries = new Map<string, Entry>()
  /** For each indexed field the keys of each value that is not empty. */
  readonly #indexes = new Map<string, Map<string, SortedKeys>>()
  #history: (StoreEvent | undefined)[] = []
  /** Where history starts in `#history`; before it are empty places, taken out in bulk because shifting an array costs its length. */
  #head = 0
  #historyBytes = 0
  #liveBytes = 0

  constructor(prefix: string, { floor, isMemory }: { readonly floor: number; readonly isMemory: boolean }) {
    this.prefix = prefix
    this.floor = floor
    this.isMemory = isMemory
  }

  get size(): number {
    return this.#keys.size
  }
  /** What the entries take of the memory. */
  get liveBytes(): number {
    return this.#liveBytes
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

  /** The entries, those first that were changed longest ago. */
  oldest(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  /** Changes the current state and nothing else. */
  set(key: string, entry: Entry | undefined): void {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#liveBytes -= bytesOf(key, known.value)
      this.#entries.delete(key)
    }
    if (entry !== undefined) {
      this.#liveBytes += bytesOf(key, entry.value)
      this.#entries.set(key, entry)
      if (known === undefined) this.#keys.add(key)
    } else if (known !== undefined) this.#keys.delete(key)
    if (known?.fields !== undefined || entry?.fields !== undefined) this.#index(key, known?.fields ?? {}, entry?.fields ?? {})
  }

  #index(key: string, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): void {
    for (const [field, value] of Object.entries(before)) {
      if (value === '' || after[field] === value) continue
      const keys = this.#indexes.get(field)?.get(value)
      keys?.delete(key)
      if (keys?.size === 0) this.#indexes.get(field)?.delete(value)
    }
    for (const [field, value] of Object.entries(after)) {
      if (value === '' || before[field] === value) continue
      const values = getOrCreate(this.#indexes, field, () => new Map<string, SortedKeys>())
      getOrCreate(values, value, () => new SortedKeys()).add(key)
    }
  }

  /** Changes the current state and remembers how. */
  apply(event: StoreEvent): void {
    this.set(event.entry.key, event.type === 'put' ? event.entry : undefined)
    this.#history.push(event)
    this.#historyBytes += sizeOf(event)
  }

  /** The entries of a scope that come after `after`, without looking at others. */
  entries(scope: string, { where, after }: { readonly where: Where | undefined; readonly after: string | undefined }): Entries {
    const keys = where === undefined ? this.#keys : (this.#indexes.get(where.field)?.get(where.value) ?? none)
    const { start, end } = keys.range(scope, after)
    return {
      size: end - start,
      at: (index) => this.#entries.get(keys.at(start + index)) as Entry, // every key has its entry
    }
  }

  /**
   * What was in the scope at a revision that is not below the floor, and how much: costs the changes since and the entries that are asked for,
   * because each page of a list asks again while others change what is listed.
   */
  entriesAt(
    revision: number,
    scope: string,
    { where, after, limit }: { readonly where: Where | undefined; readonly after: string | undefined; readonly limit: number },
  ): { readonly entries: readonly Entry[]; readonly total: number } {
    const then = new Map<string, Entry | undefined>()
    for (let i = this.#history.length - 1; i >= this.#head; i--) {
      const event = this.#history[i] as StoreEvent
      if (event.entry.revision <= revision) break
      then.set(event.entry.key, event.previous)
    }
    const isAskedFor = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined && isUnder(entry.key, scope) && (after === undefined || entry.key > after) && isWhere(entry, where)
    const changed = [...then.values()].filter(isAskedFor).sort((a, b) => (a.key < b.key ? -1 : 1))
    const now = this.entries(scope, { where, after })
    let total = now.size + changed.length
    for (const key of then.keys()) if (isAskedFor(this.#entries.get(key))) total -= 1
    const entries: Entry[] = []
    let next = 0
    for (let i = 0; i < now.size && entries.length < limit; i++) {
      const entry = now.at(i)
      if (then.has(entry.key)) continue
      for (let was = changed[next]; was !== undefined && was.key < entry.key && entries.length < limit; was = changed[++next])
        entries.push(was)
      if (entries.length < limit) entries.push(entry)
    }
    while (entries.length < limit && next < changed.length) entries.push(changed[next++] as Entry) // below the length
    return { entries, total }
  }

  /** The changes in a scope after a revision. */
  *changesSince(revision: number, scope: string, where: Where | undefined): Generator<StoreEvent> {
    for (let i = this.#firstAfter(revision); i < this.#history.length; i++) {
      const event = this.#history[i] as StoreEvent
      if (isUnder(event.entry.key, scope) && (isWhere(event.entry, where) || isWhere(event.previous, where))) yield event
    }
  }

  /** The change that has this revision, if it is remembered. */
  changeAt(revision: number): StoreEvent | undefined {
    const event = this.#history[this.#firstAfter(revision - 1)]
    return event?.entry.revision === revision ? event : undefined
  }

  #firstAfter(revision: number): number {
    let low = this.#head
    for (let high = this.#history.length; low < high;) {
      const middle = (low + high) >>> 1
      if ((this.#history[middle] as StoreEvent).entry.revision > revision) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Forgets the oldest change and answers the revisions of rows that only it needed; undefined when there is none. */
  forgetOldest(): readonly number[] | undefined {
    const event = this.#history[this.#head]
    if (event === undefined) return undefined
    this.#history[this.#head++] = undefined
    if (this.#head > 1024 && this.#head * 2 > this.#history.length) {
      this.#history = this.#history.slice(this.#head)
      this.#head = 0
    }
    this.#historyBytes -= sizeOf(event)
    this.floor = event.entry.revision
    if (this.isMemory) return []
    const rows = event.previous === undefined ? [] : [event.previous.revision]
    if (event.type === 'delete') rows.push(event.entry.revision)
    return rows
  }

  get oldestRevision(): number | undefined {
    return this.#history[this.#head]?.entry.revision
  }
}

/** A part of a bucket's entries, in key order. */
export type Entries = { readonly size: number; at(index: number): Entry }

const none = new SortedKeys()

export const isWhere = (entry: Entry | undefined, where: Where | undefined): boolean =>
  entry !== undefined && (where === undefined || entry.fields?.[where.field] === where.value)

/**
 * Strings of ASCII take a byte a character; 200 is about what an event costs beside its text. What was before is held as well: the
 * larger of the two, over all changes of a key, is no less than all of its texts but the newest, which is there anyway.
 */
const sizeOf = ({ entry, previous }: StoreEvent): number => Math.max(entry.value.length, previous?.value.length ?? 0) + 200

export function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = create()
  map.set(key, made)
  return made
}
