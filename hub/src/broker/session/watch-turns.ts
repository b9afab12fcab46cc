import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
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
  #takesDeflated = false

  /** Whether the node takes several events in one frame. */
  get takesLines(): boolean {
    return this.#takesLines
  }

  useLines(): void {
    this.#takesLines = true
  }

  useDeflated(): void {
    this.#takesDeflated = true
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
      const said = this.#next(watch.backlog)
      if (said !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        return { message: { t: 'ev', id, ...(said.isDeflated && { z: true }) }, body: said.body }
      }
      if (watch.end === undefined) continue
      this.#watches.delete(id)
      return watch.end
    }
    return undefined
  }

  #next(backlog: Backlog): { readonly body: Content; readonly isDeflated: boolean } | undefined {
    const first = backlog.shift()
    if (first === undefined) return undefined
    // Packed for all who are told the same; what one is told alone goes as it is.
    if (this.#takesDeflated && first.deflated !== undefined) return { body: first.deflated, isDeflated: true }
    return { body: this.#takesLines ? linesOf(first, backlog) : first.text, isDeflated: false }
  }

  close(): void {
    for (const { backlog } of this.#watches.values()) backlog.clear()
    this.#watches.clear()
  }
}

/** This event and those after it that go well in one frame with it. */
function linesOf(first: RawWatchEvent, backlog: Backlog): Content {
  let lines = first.text
  const fits = () => backlog.nextLength > 0 && lines.length + backlog.nextLength < partBytes
  if (!fits()) return first.bytes ?? lines
  while (fits()) lines += `\n${backlog.shift()?.text ?? ''}`
  return lines
}
