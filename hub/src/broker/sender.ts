import type { Clock } from '@bramble/shared/clock.ts'
import { FrameError, frames, type DownMessage } from '@bramble/shared/frame.ts'
import type { Backlog } from './backlog.ts'

// Answers that wait for credit. A node asks for pages, so it never has this much open; one that does is cut off.
const maxQueuedBytes = 32 * 1024 * 1024

export type SenderDeps = { readonly send: (frame: Uint8Array) => void; readonly windowBytes: number; readonly clock: Clock }

/**
 * The sending end of a session. No more than a window of watch events is ever on its way to a node; answers and stream data
 * come first and may use a second window, so that a flood of events cannot shut out the answer the node waits for.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #queue: Generator<Uint8Array>[] = []
  readonly #watches = new Map<number, { readonly backlog: Backlog; end: (() => DownMessage & { body?: Uint8Array }) | undefined }>()
  #events: Generator<Uint8Array> | undefined
  #waiting: (() => void)[] = []
  #queuedBytes = 0
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

  push(message: DownMessage, body?: Uint8Array): void {
    if (this.#closed) return
    this.#queuedBytes += body?.length ?? 0
    if (this.#queuedBytes > maxQueuedBytes)
      throw new FrameError('too-large', `more than ${maxQueuedBytes} bytes of answers wait for this node`)
    this.#queue.push(this.#counted(message, body))
    this.pump()
  }

  addWatch(id: number, backlog: Backlog): void {
    this.#watches.set(id, { backlog, end: undefined })
  }

  removeWatch(id: number): void {
    this.#watches.delete(id)
  }

  /** The watch ends with this message, after the events that still wait. */
  endWatch(id: number, end: () => DownMessage & { body?: Uint8Array }): void {
    const watch = this.#watches.get(id)
    if (watch === undefined) return
    watch.end = end
    this.pump()
  }

  acknowledge(bytes: number): void {
    if (bytes > this.#outstanding) throw new FrameError('unexpected', `${bytes} bytes acknowledged, ${this.#outstanding} were sent`)
    this.#outstanding -= bytes
    this.#progressAt = this.#deps.clock.monotonic()
    this.pump()
  }

  /** Resolves when there is room for more of a stream. */
  async room(): Promise<void> {
    while (!this.#closed && (this.#queue.length > 0 || this.#outstanding >= this.#deps.windowBytes))
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#closed = true
    this.#queue.length = 0
    this.#watches.clear()
    for (const wake of this.#waiting.splice(0)) wake()
  }

  pump(): void {
    if (this.#closed) return
    const { windowBytes, send } = this.#deps
    for (;;) {
      const queued = this.#queue[0]
      const source = queued ?? (this.#events ??= this.#nextEvent())
      if (source === undefined || this.#outstanding >= (queued ? 2 * windowBytes : windowBytes)) break
      const { done, value } = source.next()
      if (done) {
        if (queued) this.#queue.shift()
        else this.#events = undefined
        continue
      }
      if (this.#outstanding === 0) this.#progressAt = this.#deps.clock.monotonic()
      this.#outstanding += value.length
      send(value)
    }
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The next event of the watches in turn, so that a busy one does not starve a quiet one. */
  #nextEvent(): Generator<Uint8Array> | undefined {
    for (const [id, watch] of this.#watches) {
      const event = watch.backlog.shift()
      if (event !== undefined) {
        this.#watches.delete(id)
        this.#watches.set(id, watch)
        return frames({ t: 'ev', id }, Buffer.from(event.text), this.#next)
      }
      if (watch.end === undefined) continue
      this.#watches.delete(id)
      const { body, ...message } = watch.end()
      return frames(message as DownMessage, body, this.#next) // the rest of a DownMessage with a body
    }
    return undefined
  }

  *#counted(message: DownMessage, body: Uint8Array | undefined): Generator<Uint8Array> {
    try {
      yield* frames(message, body, this.#next)
    } finally {
      this.#queuedBytes -= body?.length ?? 0
    }
  }

  readonly #next = (): number => ++this.#number
}
