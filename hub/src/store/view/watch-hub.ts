import { getOrCreate } from './bucket.ts'
import { bucketOf, type Entry, type StoreEvent, type Where } from '../store.ts'

export type OnEvents = (events: readonly StoreEvent[]) => void
/** What a watcher follows: the changes in a scope, or of those the ones of entries that have or had a value. */
export type Watched = { readonly scope: string; readonly where?: Where | undefined }

type Watcher = { seen: number; readonly onEvents: OnEvents; readonly onClosed: ((error: Error) => void) | undefined }
/** Watchers of the same; they share one filtered batch. */
type Group = { readonly watched: Watched; readonly watchers: Set<Watcher> }

/**
 * Hands each batch of changes to whoever watches them. A change finds its watchers by its key, the scopes above it and its fields, so
 * that it costs what those who hear of it cost, however many others there are. Batches are delivered whole and in order, also when a
 * callback causes the next one.
 */
export class WatchHub {
  readonly #groups = new Map<string, Group>()
  readonly #batches: (readonly StoreEvent[])[] = []
  #publishing = false

  /** Watchers that were added and have not closed. */
  get size(): number {
    let size = 0
    for (const { watchers } of this.#groups.values()) size += watchers.size
    return size
  }

  /** The watcher hears of changes after `seen`. */
  add(watched: Watched, seen: number, onEvents: OnEvents, onClosed?: (error: Error) => void): { close(): void } {
    const watcher: Watcher = { seen, onEvents, onClosed }
    const group = getOrCreate(this.#groups, nameOf(watched), () => ({ watched, watchers: new Set<Watcher>() }))
    group.watchers.add(watcher)
    return { close: () => this.#remove(group, watcher) }
  }

  publish(events: readonly StoreEvent[]): void {
    this.#batches.push(events)
    if (this.#publishing) return
    this.#publishing = true
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) this.#deliver(batch)
    this.#publishing = false
  }

  /** Ends every watch. */
  close(error: Error): void {
    const all = [...this.#groups.values()].flatMap(({ watchers }) => [...watchers])
    this.#groups.clear()
    for (const { onClosed } of all) onClosed?.(error)
  }

  #deliver(batch: readonly StoreEvent[]): void {
    const perGroup = new Map<Group, StoreEvent[]>()
    for (const event of batch) for (const group of this.#groupsOf(event)) getOrCreate(perGroup, group, () => []).push(event)
    for (const [group, events] of perGroup) this.#deliverTo(group, events)
  }

  #groupsOf({ entry, previous }: StoreEvent): ReadonlySet<Group> {
    const found = new Set<Group>()
    const look = (watched: Watched) => {
      const group = this.#groups.get(nameOf(watched))
      if (group !== undefined) found.add(group)
    }
    const values = fieldValuesOf(entry, previous)
    for (const scope of scopesOf(entry.key)) {
      look({ scope })
      for (const where of values) look({ scope, where })
    }
    return found
  }

  #deliverTo(group: Group, events: readonly StoreEvent[]): void {
    const last = (events.at(-1) as StoreEvent).entry.revision
    for (const watcher of group.watchers) {
      // Was added by a callback after these changes had been applied: it has them from the history.
      if (watcher.seen >= last) continue
      const { seen } = watcher
      watcher.seen = last
      const unseen = (events[0] as StoreEvent).entry.revision > seen ? events : events.filter(({ entry }) => entry.revision > seen)
      try {
        watcher.onEvents(unseen)
      } catch (cause) {
        this.#remove(group, watcher)
        watcher.onClosed?.(new Error(`the watcher of ${group.watched.scope} failed`, { cause }))
      }
    }
  }

  #remove(group: Group, watcher: Watcher): void {
    if (!group.watchers.delete(watcher) || group.watchers.size > 0) return
    this.#groups.delete(nameOf(group.watched))
  }
}

/** A line break is in no key and no field's name. */
const nameOf = ({ scope, where }: Watched): string => (where === undefined ? scope : `${scope}\n${where.field}\n${where.value}`)

/** The key, and the scopes above it up to its bucket. */
function* scopesOf(key: string): Generator<string> {
  yield key
  const bucket = bucketOf(key) ?? ''
  for (let end = key.lastIndexOf('/'); end >= bucket.length - 1 && end > 0; end = key.lastIndexOf('/', end - 1)) yield key.slice(0, end + 1)
}

/** Each field with what it is now and, where that is something else, with what it was. */
function fieldValuesOf({ fields = {} }: Entry, previous: Entry | undefined): readonly Where[] {
  const values = Object.entries(fields).map(([field, value]) => ({ field, value }))
  for (const [field, value] of Object.entries(previous?.fields ?? {})) if (fields[field] !== value) values.push({ field, value })
  return values
}
