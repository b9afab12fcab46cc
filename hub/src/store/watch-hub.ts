import { bucketOf } from './bucket.ts'
import type { StoreEvent } from './store.ts'

export type OnEvents = (events: readonly StoreEvent[]) => void

type Watcher = { seen: number; readonly onEvents: OnEvents; readonly onClosed: ((error: Error) => void) | undefined }
/** Watchers of the same prefix share one filtered batch. */
type Groups = Map<string, Set<Watcher>>

/**
 * Hands each batch of changes to whoever watches a prefix of them. What a batch costs grows with the distinct prefixes watched
 * in its resource, not with all watchers. Batches are delivered whole and in order, also when a callback causes the next one.
 */
export class WatchHub {
  readonly #byBucket = new Map<string, Groups>()
  readonly #batches: (readonly StoreEvent[])[] = []
  #publishing = false

  /** Watchers that were added and have not closed. */
  get size(): number {
    let size = 0
    for (const groups of this.#byBucket.values()) for (const group of groups.values()) size += group.size
    return size
  }

  /** The watcher hears of changes after `seen`. */
  add(prefix: string, seen: number, onEvents: OnEvents, onClosed?: (error: Error) => void): { close(): void } {
    const watcher: Watcher = { seen, onEvents, onClosed }
    const groups = getOrCreate(this.#byBucket, bucketOf(prefix) ?? '', () => new Map<string, Set<Watcher>>())
    getOrCreate(groups, prefix, () => new Set<Watcher>()).add(watcher)
    return { close: () => this.#remove(prefix, watcher) }
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
    const all = [...this.#byBucket.values()].flatMap((groups) => [...groups.values()].flatMap((group) => [...group]))
    this.#byBucket.clear()
    for (const { onClosed } of all) onClosed?.(error)
  }

  #deliver(batch: readonly StoreEvent[]): void {
    const perBucket = new Map<string, StoreEvent[]>()
    for (const event of batch) getOrCreate(perBucket, bucketOf(event.entry.key) ?? '', () => []).push(event)
    for (const [bucket, events] of perBucket) this.#deliverTo(this.#byBucket.get(bucket), bucket, events)
    this.#deliverTo(this.#byBucket.get(''), '', batch)
  }

  #deliverTo(groups: Groups | undefined, bucket: string, events: readonly StoreEvent[]): void {
    if (groups === undefined) return
    for (const [prefix, group] of groups) {
      const matching = prefix === bucket ? events : events.filter(({ entry }) => entry.key.startsWith(prefix))
      if (matching.length === 0) continue
      const last = (matching.at(-1) as StoreEvent).entry.revision
      for (const watcher of group) {
        // Was added by a callback after these changes had been applied: it has them from the history.
        if (watcher.seen >= last) continue
        const seen = watcher.seen
        watcher.seen = last
        const unseen = (matching[0] as StoreEvent).entry.revision > seen ? matching : matching.filter(({ entry }) => entry.revision > seen)
        try {
          watcher.onEvents(unseen)
        } catch (cause) {
          this.#remove(prefix, watcher)
          watcher.onClosed?.(new Error(`the watcher of ${prefix} failed`, { cause }))
        }
      }
    }
  }

  #remove(prefix: string, watcher: Watcher): void {
    const groups = this.#byBucket.get(bucketOf(prefix) ?? '')
    const group = groups?.get(prefix)
    if (group?.delete(watcher) && group.size === 0) groups?.delete(prefix)
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = create()
  map.set(key, made)
  return made
}
