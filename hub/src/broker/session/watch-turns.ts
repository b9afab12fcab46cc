import type { Clock } from '@bramble/shared/clock.ts'
import type { DownMessage } from '@bramble/shared/frames/headers.ts'
import { partBytes } from '@bramble/shared/frames/limits.ts'
import type { BulkSource, Outgoing } from '@bramble/shared/frames/sender.ts'
import type { Backlog } from './backlog.ts'

type Waiting = {
  readonly backlog: Backlog
  end: Outgoing<DownMessage> | undefined
  mayWait: boolean
  /** Frames that it may still send at once, and since when that is so. */
  left: number
  at: number
  /** Until it fires, what comes waits to go together. */
  held: NodeJS.Timeout | undefined
}

export type WatchTurnsDeps = {
  readonly clock: Pick<Clock, 'monotonic'>
  /** What was held may go. */
  readonly onReady: () => void
}

/** A watch whose events may wait says so much at once; beyond it, what happens within this time is one frame. */
const framesAtOnce = 16
const strideMs = 250

/** The events that wait in the watches of a session, watch by watch, so that a busy one does not starve a quiet one. */
export class WatchTurns implements BulkSource<DownMessage> {
  readonly #deps: WatchTurnsDeps
  readonly #watches = new Map<number, Waiting>()
  #takesLines = false

  constructor(deps: WatchTurnsDeps) {
    this.#deps = deps
  }

  /** The node takes several events in one frame. */
  useLines(): void {
    this.#takesLines = true
  }

  add(id: number, backlog: Backlog): void {
    this.remove(id)
    this.#watches.set(id, {
      backlog,
      end: undefined,
      mayWait: false,
      left: framesAtOnce,
      at: this.#deps.clock.monotonic(),
      held: undefined,
    })
  }

  remove(id: number): void {
    const watch = this.#watches.get(id)
    clearTimeout(watch?.held)
    watch?.backlog.clear()
    this.#watches.delete(id)
  }

  /** Its events are news of others, of which a whole fleet hears. */
  mayWait(id: number): void {
    const watch = this.#watches.get(id)
    if (watch !== undefined) watch.mayWait = true
  }

  /** The watch ends with this message, after the events that still wait. */
  end(id: number, end: Outgoing<DownMessage>): void {
    const watch = this.#watches.get(id)
    if (watch !== undefined) watch.end = end
  }

  next(): Outgoing<DownMessage> | undefined {
    for (const [id, watch] of this.#watches) {
      if (watch.held !== undefined) continue
      const body = this.#takesLines ? linesOf(watch.backlog) : watch.backlog.shift()?.text
      if (body !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        if (this.#takesLines && watch.mayWait) this.#spend(watch)
        return { message: { t: 'ev', id }, body }
      }
      if (watch.end === undefined) continue
      this.#watches.delete(id)
      return watch.end
    }
    return undefined
  }

  close(): void {
    for (const { backlog, held } of this.#watches.values()) {
      clearTimeout(held)
      backlog.clear()
    }
    this.#watches.clear()
  }

  #spend(watch: Waiting): void {
    const now = this.#deps.clock.monotonic()
    watch.left = Math.min(framesAtOnce, watch.left + (now - watch.at) / strideMs) - 1
    watch.at = now
    if (watch.left >= 0) return
    watch.held = setTimeout(() => {
      watch.held = undefined
      this.#deps.onReady()
    }, strideMs)
  }
}

/** As many events as go well in one frame, one at least if there is any. */
function linesOf(backlog: Backlog): string | undefined {
  let lines = backlog.shift()?.text
  for (let length = backlog.nextLength; lines !== undefined && length > 0 && lines.length + length < partBytes; length = backlog.nextLength)
    lines += `\n${backlog.shift()?.text ?? ''}`
  return lines
}
