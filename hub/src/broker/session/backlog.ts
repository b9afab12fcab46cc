import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'

/**
 * The events of one watch that a node has no credit for yet: the latest state of each object rather than its history, so that a
 * slow node costs memory by the number of objects and not by how long it is slow. Events leave in the order of their
 * resourceVersions; a node that is cut off in between resumes from the last it saw and has missed nothing.
 */
export class Backlog {
  // A Map keeps insertion order: an object that changes again moves to the end, behind everything older.
  readonly #events = new Map<string, RawWatchEvent>()
  readonly #total: { bytes: number }

  /** `total` counts the text of all backlogs that share it. */
  constructor(total = { bytes: 0 }) {
    this.#total = total
  }

  get size(): number {
    return this.#events.size
  }

  /** Of the text that comes next; 0 if there is none. */
  get nextLength(): number {
    for (const { text } of this.#events.values()) return text.length
    return 0
  }

  push(event: RawWatchEvent): void {
    if (event.type === 'BOOKMARK') {
      // The bookmark that ends the initial list is a mark of its own and must arrive; of the others the last says it all.
      const key = event.text.includes('k8s.io/initial-events-end') ? 'bookmark/initial' : 'bookmark'
      this.#put(key, event)
      return
    }
    // What is told of several at once is the latest state of each already.
    if (event.several !== undefined) return this.#put(`several/${event.resourceVersion}`, event)
    const { namespace = '', name } = (event.object as KubeObject).metadata
    const live = `live/${namespace}/${name}`
    const gone = `gone/${namespace}/${name}`
    if (event.type === 'DELETED') {
      const unseen = this.#events.get(live)?.type === 'ADDED'
      this.#drop(live)
      // What was made and deleted since, the node has never seen; and one deletion of what it has seen is enough.
      if (!unseen && !this.#events.has(gone)) this.#put(gone, event)
      return
    }
    // What the node has not heard of yet is new to it, however often it has changed meanwhile.
    const waiting = this.#events.get(live)
    this.#put(live, waiting?.type === 'ADDED' && event.type === 'MODIFIED' ? asAdded(event) : event)
  }

  clear(): void {
    for (const key of this.#events.keys()) this.#drop(key)
  }

  shift(): RawWatchEvent | undefined {
    for (const key of this.#events.keys()) return this.#drop(key)
    return undefined
  }

  #put(key: string, event: RawWatchEvent): void {
    this.#drop(key)
    this.#events.set(key, event)
    this.#total.bytes += event.text.length
  }

  #drop(key: string): RawWatchEvent | undefined {
    const event = this.#events.get(key)
    if (event === undefined) return undefined
    this.#total.bytes -= event.text.length
    this.#events.delete(key)
    return event
  }
}

/** The store's text with another first word, so that it stays the store's text while it waits. */
const asAdded = (event: RawWatchEvent): RawWatchEvent => {
  const { object, resourceVersion, text } = event
  const modified = '{"type":"MODIFIED"'
  return {
    type: 'ADDED',
    object,
    resourceVersion,
    text: text.startsWith(modified) ? `{"type":"ADDED"${text.slice(modified.length)}` : exactJson({ type: 'ADDED', object }),
  }
}
