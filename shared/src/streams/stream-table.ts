import { FrameError, type Content } from '../frames/frame.ts'
import type { StreamMessage } from '../frames/headers.ts'
import type { BulkSource, Outgoing } from '../frames/sender.ts'
import { channelsOf, type NodeStream, type NodeStreamRequest, type StreamKind } from './node-stream.ts'
import { Stream } from './stream.ts'
import type { WindowRoom } from './window-room.ts'

export type StreamTableDeps = {
  readonly side: 'hub' | 'node'
  /** Says something short, ahead of all bytes. */
  readonly say: (message: StreamMessage, body?: Content) => void
  /** There are bytes to be taken by `next`. */
  readonly onReady: () => void
  /** So many bytes of streams have gone by, in either direction. */
  readonly onBytes?: (bytes: number) => void
}

/** The streams of one session, at either end of it. Their bytes go by turns: stream by stream, and channel by channel within one. */
export class StreamTable implements BulkSource<StreamMessage> {
  readonly #deps: StreamTableDeps
  readonly #streams = new Map<number, Stream>()
  readonly #ready = new Set<Stream>()
  #isDuplex = false
  #room: WindowRoom | undefined
  #last = 0

  constructor(deps: StreamTableDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#streams.size
  }

  /** The other side has said that it knows channels. */
  useChannels(): void {
    this.#isDuplex = true
  }

  /** It has said that windows may be widened, for which there is so much room here. */
  useWindows(room: WindowRoom): void {
    this.#room = room
  }

  /** The hub's side. */
  open(request: NodeStreamRequest): NodeStream {
    const stream = this.#add(--this.#last, request.kind)
    this.#deps.say({ t: 'open', id: stream.id }, JSON.stringify(request))
    return stream
  }

  /** The node's side: what was asked for under that id. */
  begin(id: number, kind: string): NodeStream {
    if (this.#streams.has(id)) throw new FrameError('unexpected', `stream ${id} was opened twice`)
    return this.#add(id, kind)
  }

  /** True when the stream is there; what comes late for one that is over is nobody's. */
  receive(message: StreamMessage, body: Uint8Array | undefined): boolean {
    const stream = this.#streams.get(message.id)
    if (message.t === 'data') this.#deps.onBytes?.(body?.length ?? 0)
    stream?.receive(message, body)
    return stream !== undefined
  }

  next(most: number): Outgoing<StreamMessage> | undefined {
    for (const stream of this.#ready) {
      this.#ready.delete(stream)
      const outgoing = stream.next(most)
      if (stream.isReady) this.#ready.add(stream)
      this.#deps.onBytes?.(outgoing?.body?.length ?? 0)
      if (outgoing !== undefined) return outgoing
    }
    return undefined
  }

  /** The connection is lost, and all of them with it. */
  lose(error: unknown): void {
    for (const stream of [...this.#streams.values()]) stream.break(error)
  }

  close(): void {
    this.#ready.clear()
  }

  #add(id: number, kind: string): Stream {
    const stream = new Stream({
      id,
      side: this.#deps.side,
      channels: Object.hasOwn(channelsOf, kind) ? channelsOf[kind as StreamKind] : undefined, // it has that one
      isDuplex: this.#isDuplex,
      room: this.#room,
      say: this.#deps.say,
      onReady: (ready) => {
        this.#ready.add(ready)
        this.#deps.onReady()
      },
      onOver: (over) => {
        this.#ready.delete(over)
        this.#streams.delete(over.id)
      },
    })
    this.#streams.set(id, stream)
    return stream
  }
}
