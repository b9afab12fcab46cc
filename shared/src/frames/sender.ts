import type { Clock } from '../clock.ts'
import { Ahead } from './ahead.ts'
import { type Content, FrameError, type Framing, framing } from './frame.ts'
import type { DownMessage, UpMessage } from './headers.ts'
import { maxParts } from './limits.ts'
import { Pace } from './pace.ts'

// Pongs, refusals, short answers, credit. A receiver that reads has a handful of them waiting; one that only asks is cut off.
const maxUrgent = 2048

/** A message on its way out. `onDone` is called once: when it is out, dropped, or the session over. */
export type Outgoing<M> = { readonly message: M; readonly body?: Content | undefined; readonly onDone?: (() => void) | undefined }

/** What waits for its turn: asked for its next message when there is room for one, of so many bytes where its sizes are its own. */
export type BulkSource<M> = {
  next(most: number): Outgoing<M> | undefined
  /** The session is over: nothing will be asked for any more. */
  close(): void
}

export type SenderDeps = {
  readonly send: (frame: Uint8Array) => void
  readonly clock: Clock
  /** Bytes that may be on their way unacknowledged. */
  readonly windowBytes: number
  /** Urgent messages may use so many windows: more than any bulk, so that they always find room beside it. */
  readonly urgentWindows: number
}

type Turn<M> = {
  readonly source: BulkSource<M>
  /** So many may be on their way in all. */
  readonly windows: number
  /** And so many when the link has proved to be fast. */
  fastWindows: number
  current: { readonly framing: Framing; readonly onDone: (() => void) | undefined } | undefined
}
type Frame = { readonly bytes: Uint8Array; readonly onDone: (() => void) | undefined }

/**
 * The sending end of a session. Urgent messages (all that is short) go ahead of bulk, and bulk takes turns by the frame, source by source:
 * between an urgent message and the socket there is never more than what is on its way already. What is on its way is bounded by the window,
 * which the receiver opens again by acknowledging; acknowledgements themselves are not counted, so that the two directions cannot wait
 * for each other.
 *
 * `sayNow` and `close` need no credit, no memory and nobody's leave: they cannot fail.
 */
export class Sender<M extends UpMessage | DownMessage> {
  readonly #deps: SenderDeps
  readonly #urgent: (Outgoing<M> & { readonly framing: Framing })[] = []
  readonly #turns: Turn<M>[] = []
  #at = 0
  #windowBytes: number
  #most: number = maxParts.before
  #waiting: (() => void)[] = []
  #outstanding = 0
  #progressAt = 0
  readonly #pace: Pace
  readonly #ahead: Ahead
  #number = 0
  #closed = false

  constructor(deps: SenderDeps) {
    this.#deps = deps
    this.#pace = new Pace(deps.clock)
    this.#ahead = new Ahead(deps.clock, () => this.#windowBytes)
    this.#windowBytes = deps.windowBytes
  }

  /** How long the receiver has owed us an acknowledgement, in milliseconds; 0 when it owes none. */
  get silentMs(): number {
    return this.#outstanding === 0 ? 0 : this.#deps.clock.monotonic() - this.#progressAt
  }

  /** Bulk of that source has its turns from now on, while no more than so many windows are on their way. */
  addSource(source: BulkSource<M>, windows: 1 | 2): void {
    this.#turns.push({ source, windows, fastWindows: windows, current: undefined })
  }

  /** On a fast link so many windows of that source may be on their way. */
  useMore(source: BulkSource<M>, windows: number): void {
    for (const turn of this.#turns) if (turn.source === source) turn.fastWindows = windows
  }

  useWindow(bytes: number): void {
    this.#windowBytes = bytes
    this.pump()
  }

  /** The receiver takes messages in so many parts. */
  useParts(most: number): void {
    this.#most = most
  }

  push(message: M, body?: Content, onDone?: () => void): void {
    if (this.#closed) return onDone?.()
    this.#urgent.push({ message, framing: this.#framing(message, body), onDone })
    if (this.#urgent.length > maxUrgent)
      throw new FrameError('unexpected', `the other side asks and does not read: ${this.#urgent.length} messages wait for it`)
    this.pump()
  }

  /** Says one short thing, past all that waits and without being counted. */
  sayNow(message: M): void {
    if (!this.#closed) this.#deps.send(this.#framing(message, undefined).next())
  }

  acknowledge(bytes: number): void {
    if (bytes > this.#outstanding) throw new FrameError('unexpected', `${bytes} bytes acknowledged, ${this.#outstanding} were sent`)
    // Nothing acknowledged is no progress: who says so for ever is silent.
    if (bytes === 0) return
    this.#outstanding -= bytes
    this.#progressAt = this.#deps.clock.monotonic()
    this.#pace.acknowledged(bytes)
    this.#ahead.acknowledged(bytes)
    this.pump()
  }

  /** Resolves when something was sent, or something that waited waits no more. */
  progress(): Promise<void> {
    return this.#closed ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const unsent: { readonly onDone?: (() => void) | undefined }[] = this.#urgent.splice(0)
    for (const turn of this.#turns) {
      if (turn.current !== undefined) unsent.push(turn.current)
      turn.current = undefined
      turn.source.close()
    }
    for (const { onDone } of unsent) onDone?.()
    this.#wake()
  }

  pump(): void {
    while (!this.#closed) {
      const frame = this.#nextFrame()
      if (frame === undefined) break
      if (this.#outstanding === 0) {
        this.#progressAt = this.#deps.clock.monotonic()
        this.#pace.begin()
      }
      this.#outstanding += frame.bytes.length
      this.#ahead.sent(frame.bytes.length)
      this.#deps.send(frame.bytes)
      frame.onDone?.()
    }
    this.#wake()
  }

  #nextFrame(): Frame | undefined {
    const urgent = this.#urgent[0]
    if (urgent !== undefined) {
      if (this.#outstanding >= this.#deps.urgentWindows * this.#windowBytes) return undefined
      const bytes = urgent.framing.next()
      if (!urgent.framing.isDone) return { bytes, onDone: undefined }
      this.#urgent.shift()
      return { bytes, onDone: urgent.onDone }
    }
    for (const _ of this.#turns) {
      const turn = this.#turns[this.#at] as Turn<M> // within bounds
      this.#at = (this.#at + 1) % this.#turns.length
      const frame = this.#outstanding < this.#mostOf(turn) ? this.#frameOf(turn) : undefined
      if (frame !== undefined) return frame
    }
    return undefined
  }

  #mostOf({ windows, fastWindows }: Turn<M>): number {
    // Who does not acknowledge cannot be measured.
    if (this.#windowBytes === Infinity) return Infinity
    const { bytes } = this.#ahead
    return bytes < this.#windowBytes ? windows * bytes : fastWindows * bytes
  }

  #frameOf(turn: Turn<M>): Frame | undefined {
    if (turn.current === undefined) {
      const next = turn.source.next(this.#pace.partBytes)
      if (next === undefined) return undefined
      turn.current = { framing: this.#framing(next.message, next.body), onDone: next.onDone }
    }
    const { framing: made, onDone } = turn.current
    const bytes = made.next()
    if (!made.isDone) return { bytes, onDone: undefined }
    turn.current = undefined
    return { bytes, onDone }
  }

  #framing(message: M, body: Content | undefined): Framing {
    return framing(message, body, { number: this.#next, most: this.#most, size: this.#pace.partBytes })
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  readonly #next = (): number => ++this.#number
}
