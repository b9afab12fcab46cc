import type { DownMessage } from '@bramble/shared/frames/headers.ts'
import type { BulkSource, Outgoing } from '@bramble/shared/frames/sender.ts'
import type { Backlog } from './backlog.ts'

/** The events that wait in the watches of a session, watch by watch, so that a busy one does not starve a quiet one. */
export class WatchTurns implements BulkSource<DownMessage> {
  readonly #watches = new Map<number, { readonly backlog: Backlog; end: Outgoing<DownMessage> | undefined }>()

  add(id: number, backlog: Backlog): void {
    this.#watches.set(id, { backlog, end: undefined })
  }

  remove(id: number): void {
    this.#watches.get(id)?.backlog.clear()
    this.#watches.delete(id)
  }

  /** The watch ends with this message, after the events that still wait. */
  end(id: number, end: Outgoing<DownMessage>): void {
    const watch = this.#watches.get(id)
    if (watch !== undefined) watch.end = end
  }

  next(): Outgoing<DownMessage> | undefined {
    for (const [id, watch] of this.#watches) {
      const event = watch.backlog.shift()
      if (event !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        return { message: { t: 'ev', id }, body: event.text }
      }
      if (watch.end === undefined) continue
      this.#watches.delete(id)
      return watch.end
    }
    return undefined
  }

  close(): void {
    for (const { backlog } of this.#watches.values()) backlog.clear()
    this.#watches.clear()
  }
}
