import { ApiError } from '../api/api-error.ts'
import type { StreamMessage } from '../frames/headers.ts'
import { maxChannels } from '../frames/limits.ts'
import { type Content, FrameError } from '../frames/frame.ts'
import type { Outgoing } from '../frames/sender.ts'
import { errorOf } from '../api/rest-client.ts'
import { Channel } from './channel.ts'
import { channels as numbers, type NodeStream } from './node-stream.ts'
import type { WindowRoom } from './window-room.ts'
import { parseStatus, statusOfError, succeeded, type StreamStatus } from './stream-status.ts'

export type StreamDeps = {
  readonly id: number
  readonly side: 'hub' | 'node'
  /** Those that its kind has; of a kind that is not known here, any. */
  readonly channels: readonly number[] | undefined
  /** The other side knows channels; else it hears nothing that the first version has not. */
  readonly isDuplex: boolean
  readonly say: (message: StreamMessage, body?: Content) => void
  /** For windows of channels, if the other side knows that they may be widened. */
  readonly room?: WindowRoom | undefined
  /** There is something to take. */
  readonly onReady: (stream: Stream) => void
  /** Called once; the id is free. */
  readonly onOver: (stream: Stream) => void
}

/** One stream as either side has it. It is over once, by whatever comes first, and then says nothing more. */
export class Stream implements NodeStream {
  readonly id: number
  readonly accepted: Promise<void>
  readonly closed: Promise<StreamStatus>
  readonly signal: AbortSignal
  readonly #deps: StreamDeps
  readonly #channels = new Map<number, Channel>()
  readonly #ready = new Set<number>()
  readonly #over = new AbortController()
  readonly #settle: { accepted: PromiseResolvers<void>; closed: PromiseResolvers<StreamStatus> }
  #closing: StreamStatus | undefined
  #failure: { readonly error: unknown } | undefined
  #isAccepted = false

  constructor(deps: StreamDeps) {
    this.#deps = deps
    this.id = deps.id
    this.#settle = { accepted: resolvers(), closed: resolvers() }
    this.accepted = this.#settle.accepted.promise
    this.closed = this.#settle.closed.promise
    this.signal = this.#over.signal
  }

  get isReady(): boolean {
    return this.#ready.size > 0 || this.#mayEnd
  }

  channel(number: number): Channel {
    const known = this.#channels.get(number)
    if (known !== undefined) return known
    if (!(number >= 0 && number < maxChannels) || this.#deps.channels?.includes(number) === false)
      throw new FrameError('unexpected', `the stream has no channel ${number}`)
    const made: Channel = new Channel({
      onReady: () => {
        this.#ready.add(number)
        this.#deps.onReady(this)
      },
      onRead: (bytes) => this.#deps.say({ t: 'credit', id: this.id, ...named(number), bytes }),
      room: this.#deps.room,
    })
    this.#channels.set(number, made)
    if (this.signal.aborted) made.finish(this.#failure)
    return made
  }

  accept(): void {
    if (this.#isAccepted || this.signal.aborted) return
    if (this.#deps.isDuplex && this.#deps.side === 'node') this.#deps.say({ t: 'opened', id: this.id })
    this.#accept()
  }

  close(status: StreamStatus = succeeded): void {
    if (this.signal.aborted || this.#closing !== undefined) return
    this.#closing = status
    if (this.#mayEnd) this.#deps.onReady(this)
  }

  abort(reason: unknown): void {
    if (this.signal.aborted) return
    if (this.#deps.side === 'hub') this.#deps.say({ t: 'cancel', id: this.id })
    else this.#deps.say({ t: 'end', id: this.id }, JSON.stringify(statusOfError(reason)))
    for (const channel of this.#channels.values()) channel.drop()
    this.break(reason)
  }

  /** The next piece of a channel in turn; the end when there is nothing left before it. */
  next(most: number): Outgoing<StreamMessage> | undefined {
    for (const number of this.#ready) {
      this.#ready.delete(number)
      const channel = this.#channels.get(number)
      if (channel?.isReady !== true) continue
      const { bytes, isLast, onSent } = channel.take(most)
      if (channel.isReady) this.#ready.add(number)
      return { message: { t: 'data', id: this.id, ...named(number), ...(isLast && { fin: true }) }, body: bytes, onDone: onSent }
    }
    if (!this.#mayEnd) return undefined
    const status = this.#closing as StreamStatus // it may end
    this.#finish(status)
    const { side, isDuplex } = this.#deps
    if (side === 'hub' && !isDuplex) return { message: { t: 'cancel', id: this.id } }
    return { message: { t: 'end', id: this.id }, ...(status !== succeeded && { body: JSON.stringify(status) }) }
  }

  receive(message: StreamMessage, body: Uint8Array | undefined): void {
    switch (message.t) {
      case 'data':
        this.#accept()
        return this.channel(message.ch ?? numbers.stdout).receive(body ?? new Uint8Array(), message.fin === true)
      case 'credit':
        // A node's pace is its credit's as well; the hub's word is taken.
        if (!this.channel(message.ch ?? numbers.stdout).addCredit(message.bytes) && this.#deps.side === 'hub')
          throw new FrameError('unexpected', 'credit was given for more of a stream than was sent')
        return
      case 'opened':
        return this.#accept()
      case 'end':
        return this.#finish(parseStatus(body))
      case 'cancel':
        return this.break(new ApiError('ServiceUnavailable', 'whoever asked for the stream has gone'))
      case 'open':
        return
      default:
        return message satisfies never
    }
  }

  /** It is over, and the other side knows or cannot be told. */
  break(error: unknown): void {
    if (this.signal.aborted) return
    this.#settle.accepted.reject(error)
    this.#settle.closed.reject(error)
    this.#end({ error })
  }

  #finish(status: StreamStatus): void {
    if (this.signal.aborted) return
    if (status.status === 'Success') this.#settle.accepted.resolve()
    else this.#settle.accepted.reject(errorOf(status))
    this.#settle.closed.resolve(status)
    this.#end(undefined)
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#failure = failure
    this.#over.abort(failure?.error ?? new Error('the stream has ended'))
    this.#ready.clear()
    for (const channel of this.#channels.values()) channel.finish(failure)
    this.#deps.onOver(this)
  }

  #accept(): void {
    this.#isAccepted = true
    this.#settle.accepted.resolve()
  }

  get #mayEnd(): boolean {
    return this.#closing !== undefined && !this.signal.aborted && [...this.#channels.values()].every(({ isFlushed }) => isFlushed)
  }
}

const named = (number: number) => (number === numbers.stdout ? {} : { ch: number })

type PromiseResolvers<T> = { readonly promise: Promise<T>; readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void }

function resolvers<T>(): PromiseResolvers<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {}) // whoever wants to know waits for it
  return { promise, resolve, reject }
}
