import type { Content } from '@bramble/shared/frames/frame.ts'
import type { DownMessage } from '@bramble/shared/frames/headers.ts'
import { partBytes } from '@bramble/shared/frames/limits.ts'
import type { BulkSource, Outgoing } from '@bramble/shared/frames/sender.ts'
import type { Backlog } from './backlog.ts'

type Waiting = { readonly backlog: Backlog; end: Outgoing<DownMessage> | undefined }

/** The events that wait in the watches of a session, watch by watch, so that a busy one does not starve a quiet one. */
export class WatchTurns implements BulkSource<DownMessage> {
  readonly #watches = new Map<number, Waiting>()
  #takesLines = false

  /** Whether the node takes several events in one frame. */
  get takesLines(): boolean {
    return this.#takesLines
  }

  useLines(): void {
    this.#takesLines = true
  }

  add(id: number, backlog: Backlog): void {
    this.remove(id)
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
      const body = this.#takesLines ? linesOf(watch.backlog) : watch.backlog.shift()?.text
      if (body !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        return { message: { t: 'ev', id }, body }
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

/** As many events as go well in one frame, one at least if there is any. */
function linesOf(backlog: Backlog): Content | undefined {
  const first = backlog.shift()
  if (first === undefined) return undefined
  let lines = first.text
  const fits = () => backlog.nextLength > 0 && lines.length + backlog.nextLength < partBytes
  if (!fits()) return first.bytes ?? lines
  while (fits()) lines += `\n${backlog.shift()?.text ?? ''}`
  return lines
}
