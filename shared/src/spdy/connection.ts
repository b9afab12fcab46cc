import type { Duplex } from 'node:stream'
import { type Outlet, outletOf } from '../streams/outlet.ts'
import { controlFrame, createFrameCutter, dataHead, finFlag, type Frame, goodbyes, kinds, resets, words } from './frame.ts'
import { createHeaderReader, createHeaderWriter, type SpdyHeaders } from './header-block.ts'
import { HoldUp } from '../streams/hold-up.ts'
import { SpdyError } from './spdy-error.ts'
import { SpdyStream } from './spdy-stream.ts'

export type SpdyDeps = {
  /** What it speaks over; from now on nobody else's. */
  readonly transport: Duplex
  readonly side: 'client' | 'server'
  /** That the other side may have open at once; more are refused. */
  readonly maxStreams?: number
  /** Each connection of a user is one: who is not read must not hold up the others for ever (`hold-up.ts`). `ofOne`: streams that one such connection has. */
  readonly shared?: { readonly ofOne: number }
  /** The other side has opened one. It is answered already. */
  readonly onStream?: (stream: SpdyStream) => void
}

// Larger than what a node's stream brings at once, so that nothing of that is cut.
const maxDataBytes = 64 * 1024

/** Until the other side has read our last words, and closed. */
const lastWordMs = 1000

/**
 * SPDY/3.1 as Kubernetes speaks it: streams of bytes with headers, in both directions, over one connection. Nothing is known of what was not
 * opened; what the other side says wrongly ends the connection with a GOAWAY. Who does not read one stream holds up the connection, and with it
 * the other side, so that neither holds more than a stream's part of bytes.
 */
export class SpdyConnection {
  readonly signal: AbortSignal
  readonly #deps: SpdyDeps
  readonly #streams = new Map<number, SpdyStream>()
  readonly #over = new AbortController()
  readonly #packed = createHeaderWriter()
  readonly #headers = createHeaderReader()
  readonly #holdUp: HoldUp | undefined
  #lastOwn: number
  #lastTheirs = 0
  readonly #outlet: Outlet
  #isRunning = false
  #isClosed = false
  #wake = () => {}

  constructor(deps: SpdyDeps) {
    this.#deps = deps
    this.#lastOwn = deps.side === 'client' ? -1 : 0
    this.signal = this.#over.signal
    const { transport, shared } = deps
    this.#holdUp =
      shared &&
      new HoldUp({
        inlets: () => [...this.#streams.values()].map(({ inlet }) => inlet),
        isShared: () => this.#streams.size > shared.ofOne,
      })
    this.#outlet = outletOf(transport)
    transport.on('error', (error: Error) => this.#end(new SpdyError(`the connection broke: ${error.message}`, { cause: error })))
    transport.once('close', () => {
      // What came before an orderly end may still be on its way through `run`, which ends then, and waits for no reader any more.
      this.#isClosed = true
      if (!transport.readableEnded || !this.#isRunning) this.#end(new SpdyError('the connection was closed'))
      this.#wake()
    })
  }

  /** Opens a stream without waiting for the other side's answer, as Kubernetes' clients do. */
  open(headers: SpdyHeaders): SpdyStream {
    const id = (this.#lastOwn += 2)
    const stream = this.#add(id, headers)
    void this.#send(controlFrame(kinds.synStream, 0, words([id, 0], Buffer.concat([new Uint8Array(2), this.#packed(headers)])))).catch(
      () => {},
    )
    return stream
  }

  /** Reads until the connection is over. Rejects with a `SpdyError` when the other side's words made no sense. */
  async run(): Promise<void> {
    const cut = createFrameCutter()
    this.#isRunning = true
    try {
      for await (const chunk of this.#deps.transport.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)
        // it has no encoding
        for (const frame of cut(chunk)) {
          const done = frame.type === 'data' ? this.#roomAfter(frame) : this.#control(frame)
          if (done !== undefined) await done
          if (this.signal.aborted) return
        }
    } catch (error) {
      if (this.signal.aborted) return
      if (error instanceof SpdyError) this.close(goodbyes.protocolError)
      throw error
    } finally {
      if (!this.signal.aborted) {
        this.#end(new SpdyError('the other side closed the connection'))
        this.#deps.transport.destroy()
      }
    }
  }

  /** Says goodbye; what waits to be sent still is. */
  close(reason: number = goodbyes.ok): void {
    if (this.signal.aborted) return
    void this.#send(controlFrame(kinds.goAway, 0, words([this.#lastTheirs, reason]))).catch(() => {})
    const { transport } = this.#deps
    this.#end(new SpdyError('the connection was closed'))
    transport.end()
    // What comes is let go by, because a connection that is closed with bytes unread takes our last words from the other side.
    transport.resume()
    const timer = setTimeout(() => transport.destroy(), lastWordMs)
    transport.once('close', () => clearTimeout(timer))
  }

  /** Now, whatever waits. */
  destroy(): void {
    this.#end(new SpdyError('the connection was closed'))
    this.#deps.transport.destroy()
  }

  /** Resolves when what was sent is on its way, or the connection over. */
  async flushed(): Promise<void> {
    if (!this.signal.aborted) await this.#outlet.room(0)?.catch(() => {})
  }

  #data({ stream: id, bytes, isLast }: Frame & { type: 'data' }): Promise<void> | undefined {
    const stream = this.#streams.get(id)
    if (stream !== undefined) {
      const room = stream.receive(bytes, isLast)
      if (room === undefined || this.#holdUp === undefined) return room
      return this.#holdUp.after(stream.inlet, (error) => stream.reset(resets.cancel, error))
    }
    if (!this.#wasOpened(id)) return this.#reset(id, resets.invalidStream)
    return undefined
  }

  #control({ kind, flags, body }: Frame & { type: 'control' }): Promise<void> | undefined {
    const isLast = (flags & finFlag) !== 0
    const number = (at: number): number => {
      if (body.length < at + 4) throw new SpdyError(`a control frame of kind ${kind} is too short`)
      return body.readUInt32BE(at)
    }
    switch (kind) {
      case kinds.synStream:
        return this.#opened(number(0) & 0x7fff_ffff, body.subarray(10), isLast)
      case kinds.synReply:
      case kinds.headers:
        return this.#told(number(0) & 0x7fff_ffff, body.subarray(4), isLast)
      case kinds.rstStream:
        return void this.#streams.get(number(0) & 0x7fff_ffff)?.break(new SpdyError('the other side reset the stream'))
      case kinds.ping:
        // Those with numbers of our own kind are answers.
        return (number(0) % 2 === 1) === (this.#deps.side === 'server')
          ? this.#send(controlFrame(kinds.ping, 0, body.subarray(0, 4)))
          : undefined
      default:
        return undefined
    }
  }

  async #opened(id: number, block: Uint8Array, isLast: boolean): Promise<void> {
    const headers = await this.#headers.read(block)
    if (id <= this.#lastTheirs || (id % 2 === 1) !== (this.#deps.side === 'server')) throw new SpdyError(`stream ${id} may not be opened`)
    this.#lastTheirs = id
    const { maxStreams = 0, onStream } = this.#deps
    if (onStream === undefined || this.#streams.size >= maxStreams) return this.#reset(id, resets.refused)
    const stream = this.#add(id, headers)
    if (isLast) void stream.receive(new Uint8Array(), true)
    await this.#send(controlFrame(kinds.synReply, 0, words([id], this.#packed({}))))
    onStream(stream)
  }

  /** Headers are read even of streams that are gone: those that follow need them. */
  async #told(id: number, block: Uint8Array, isLast: boolean): Promise<void> {
    await this.#headers.read(block)
    if (isLast) await this.#streams.get(id)?.receive(new Uint8Array(), true)
  }

  /** Undefined when there is room for more: what is left of a connection that was closed is little, and waits for nobody. */
  #roomAfter(frame: Frame & { type: 'data' }): Promise<void> | undefined {
    const room = this.#data(frame)
    if (room === undefined || this.#isClosed) return undefined
    return new Promise((resolve, reject) => {
      this.#wake = resolve
      room.then(resolve, reject)
    })
  }

  #wasOpened(id: number): boolean {
    const isOwn = (id % 2 === 1) === (this.#deps.side === 'client')
    return id > 0 && id <= (isOwn ? this.#lastOwn : this.#lastTheirs)
  }

  #add(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream({
      id,
      headers,
      send: (bytes, isLast) => this.#sendData(id, bytes, isLast),
      reset: (reason) => void this.#reset(id, reason).catch(() => {}), // over already
      onOver: () => this.#streams.delete(id),
    })
    this.#streams.set(id, stream)
    return stream
  }

  #reset(id: number, reason: number): Promise<void> {
    return this.#send(controlFrame(kinds.rstStream, 0, words([id, reason])))
  }

  async #sendData(id: number, bytes: Uint8Array, isLast: boolean): Promise<void> {
    let left = bytes
    for (; left.length > maxDataBytes; left = left.subarray(maxDataBytes))
      await this.#send(dataHead(id, maxDataBytes, false), left.subarray(0, maxDataBytes))
    await this.#send(dataHead(id, left.length, isLast), left)
  }

  /** Resolves when there is room for more. */
  async #send(frame: Uint8Array, bytes?: Uint8Array): Promise<void> {
    if (this.signal.aborted) throw this.signal.reason
    const { transport } = this.#deps
    if (bytes === undefined || bytes.length === 0) {
      if (!transport.write(frame)) await this.#outlet.room()
      return
    }
    // As one, and without a copy.
    transport.cork()
    transport.write(frame)
    const hasRoom = transport.write(bytes)
    transport.uncork()
    if (!hasRoom) await this.#outlet.room()
  }

  #end(error: Error): void {
    if (this.signal.aborted) return
    this.#over.abort(error)
    this.#outlet.end(error)
    this.#headers.close()
    for (const stream of [...this.#streams.values()]) stream.break(error)
  }
}
