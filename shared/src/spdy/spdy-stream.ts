import { Inlet } from '../streams/inlet.ts'
import type { StreamChannel } from '../streams/node-stream.ts'
import { resets } from './frame.ts'
import type { SpdyHeaders } from './header-block.ts'
import { SpdyError } from './spdy-error.ts'

/** What may wait for the reader of one stream, beyond which the connection is not read: SPDY's windows are ignored by Kubernetes' clients. */
const inletBytes = 128 * 1024

export type SpdyStreamDeps = {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly send: (bytes: Uint8Array, isLast: boolean) => Promise<void>
  readonly reset: (reason: number) => void
  /** Both sides have said all, or it is broken. */
  readonly onOver: () => void
}

/** One stream of a connection: bytes in both directions, each with an end of its own. */
export class SpdyStream implements StreamChannel {
  readonly id: number
  readonly headers: SpdyHeaders
  /** Aborts when the stream is broken, also after the other side has ended its half: by its reset, by ours, with the connection. */
  readonly signal: AbortSignal
  readonly #deps: SpdyStreamDeps
  readonly #broken = new AbortController()
  /** What has come of it and waits for its reader. */
  readonly inlet = new Inlet(inletBytes)
  #hasEnded = false
  #failure: Error | undefined

  constructor(deps: SpdyStreamDeps) {
    this.#deps = deps
    this.id = deps.id
    this.headers = deps.headers
    this.signal = this.#broken.signal
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#hasEnded) throw new Error('written to a stream after its end')
    if (bytes.length > 0) await this.#deps.send(bytes, false)
  }

  end(): void {
    if (this.#hasEnded || this.#failure !== undefined) return
    this.#hasEnded = true
    void this.#deps.send(new Uint8Array(), true).catch(() => {}) // the connection is over, and so are its streams
    if (this.inlet.hasEnded) this.#deps.onOver()
  }

  /** Breaks it on both sides; `error` is what its own reader and writer hear. */
  reset(reason: number = resets.cancel, error: Error = new SpdyError('the stream was reset')): void {
    if (this.#failure !== undefined) return
    this.#deps.reset(reason)
    this.break(error)
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return this.inlet[Symbol.asyncIterator]()
  }

  /** From the connection. A promise when there is no room for more. */
  receive(bytes: Uint8Array, isLast: boolean): Promise<void> | undefined {
    if (this.inlet.hasEnded) throw new SpdyError(`bytes of stream ${this.id} came after its end`)
    this.inlet.push(bytes)
    if (isLast) {
      this.inlet.end()
      if (this.#hasEnded) this.#deps.onOver()
    }
    return this.inlet.isFull ? this.inlet.room() : undefined
  }

  /** The connection or the other side has ended it. */
  break(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.inlet.fail(error)
    this.#broken.abort(error)
    this.#deps.onOver()
  }
}
