import type { Clock } from '@bramble/shared/clock.ts'
import { FrameError, frames, type DownMessage } from '@bramble/shared/frame.ts'
import type { Backlog } from './backlog.ts'

// Short messages that wait for credit: pongs, refusals, bytes of streams. A node that reads has a handful; one that only asks is cut off.
const maxUrgent = 2048
/** A longer answer is bulk: two windows hold dozens of short ones. */
const shortBytes = 16 * 1024

export type SenderDeps = { readonly send: (frame: Uint8Array) => void; readonly windowBytes: number; readonly clock: Clock }

/** Text of the store is kept as the text it is, shared with the store, until its turn comes. */
export type Body = string | Uint8Array

type Waiting = {
  readonly answerTo: number | undefined
  readonly frames: Generator<Uint8Array>
  readonly onDone: (() => void) | undefined
}

/**
 * The sending end of a session. No more than a window of bulk is ever on its way to a node: watch events and long answers, which take
 * turns; of them one is in the making at a time. Short messages and stream data come first and may use a second window, so that a
 * flood of bulk cannot shut out the answer the node waits for.
 *
 * `close` and `last` need no credit, no memory and nobody's leave: they cannot fail.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #urgent: Waiting[] = []
  readonly #answers: Waiting[] = []
  readonly #watches = new Map<number, { readonly backlog: Backlog; end: (() => DownMessage & { body?: Body }) | undefined }>()
  #bulk: Waiting | undefined
  #isAnswersTurn = false
  #waiting: (() => void)[] = []
  #outstanding = 0
  #progressAt = 0
  #number = 0
  #closed = false

  constructor(deps: SenderDeps) {
    this.#deps = deps
  }

  /** How long the node has owed us an acknowledgement, in milliseconds; 0 when it owes none. */
  get silentMs(): number {
    return this.#outstanding === 0 ? 0 : this.#deps.clock.monotonic() - this.#progressAt
  }

  /** `onDone` is called once: when the message is out, dropped, or the session over. Who sends long answers counts them by it. */
  push(message: DownMessage, body?: Body, onDone?: () => void): void {
    if (this.#closed) return onDone?.()
    const isAnswer = message.t === 'res'
    const waiting = { answerTo: isAnswer ? message.id : undefined, frames: frames(message, body, this.#next), onDone }
    if (isAnswer && (body?.length ?? 0) > shortBytes) this.#answers.push(waiting)
    else {
      this.#urgent.push(waiting)
      if (this.#urgent.length > maxUrgent)
        throw new FrameError('unexpected', `the node asks and does not read: ${this.#urgent.length} messages wait for it`)
    }
    this.pump()
  }

  /** An answer that nobody waits for any more: it is not sent, unless a part of it is on its way. */
  drop(id: number): void {
    const index = this.#answers.findIndex(({ answerTo }) => answerTo === id)
    if (index >= 0) for (const { onDone } of this.#answers.splice(index, 1)) onDone?.()
  }

  addWatch(id: number, backlog: Backlog): void {
    this.#watches.set(id, { backlog, end: undefined })
  }

  removeWatch(id: number): void {
    this.#watches.get(id)?.backlog.clear()
    this.#watches.delete(id)
    this.#wake()
  }

  /** The watch ends with this message, after the events that still wait. */
  endWatch(id: number, end: () => DownMessage & { body?: Body }): void {
    const watch = this.#watches.get(id)
    if (watch === undefined) return
    watch.end = end
    this.pump()
  }

  acknowledge(bytes: number): void {
    if (bytes > this.#outstanding) throw new FrameError('unexpected', `${bytes} bytes acknowledged, ${this.#outstanding} were sent`)
    // Nothing acknowledged is no progress: who says so for ever is silent.
    if (bytes === 0) return
    this.#outstanding -= bytes
    this.#progressAt = this.#deps.clock.monotonic()
    this.pump()
  }

  /** Resolves when there is room for more of a stream. */
  async room(): Promise<void> {
    while (!this.#closed && (this.#urgent.length > 0 || this.#outstanding >= this.#deps.windowBytes)) await this.progress()
  }

  /** Resolves when something was sent, or something that waited waits no more. */
  progress(): Promise<void> {
    return this.#closed ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Says one short thing, past all that waits. */
  last(message: DownMessage): void {
    if (this.#closed) return
    for (const frame of frames(message, undefined, this.#next)) this.#deps.send(frame)
  }

  close(): void {
    this.#closed = true
    const unsent = [...this.#urgent.splice(0), ...this.#answers.splice(0), ...(this.#bulk === undefined ? [] : [this.#bulk])]
    this.#bulk = undefined
    for (const { backlog } of this.#watches.values()) backlog.clear()
    this.#watches.clear()
    for (const { onDone } of unsent) onDone?.()
    this.#wake()
  }

  pump(): void {
    const { windowBytes, send } = this.#deps
    while (!this.#closed) {
      const urgent = this.#urgent[0]
      if (this.#outstanding >= (urgent === undefined ? windowBytes : 2 * windowBytes)) break
      const source = urgent ?? (this.#bulk ??= this.#nextBulk())
      if (source === undefined) break
      const { done, value } = source.frames.next()
      if (done) {
        if (urgent === undefined) this.#bulk = undefined
        else this.#urgent.shift()
        source.onDone?.()
        continue
      }
      if (this.#outstanding === 0) this.#progressAt = this.#deps.clock.monotonic()
      this.#outstanding += value.length
      send(value)
    }
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #nextBulk(): Waiting | undefined {
    this.#isAnswersTurn = !this.#isAnswersTurn
    return this.#isAnswersTurn ? (this.#answers.shift() ?? this.#nextEvent()) : (this.#nextEvent() ?? this.#answers.shift())
  }

  /** The next event of the watches in turn, so that a busy one does not starve a quiet one. */
  #nextEvent(): Waiting | undefined {
    for (const [id, watch] of this.#watches) {
      const event = watch.backlog.shift()
      if (event !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        return bulk(frames({ t: 'ev', id }, event.text, this.#next))
      }
      if (watch.end === undefined) continue
      this.#watches.delete(id)
      const { body, ...message } = watch.end()
      return bulk(frames(message as DownMessage, body, this.#next)) // the rest of a DownMessage with a body
    }
    return undefined
  }

  readonly #next = (): number => ++this.#number
}

const bulk = (made: Generator<Uint8Array>): Waiting => ({ answerTo: undefined, frames: made, onDone: undefined })
