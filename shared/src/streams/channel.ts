import { FrameError } from '../frames/frame.ts'
import { channelWindowBytes, creditShare, maxChannelWindowBytes } from '../frames/limits.ts'
import type { StreamChannel } from './node-stream.ts'
import type { WindowRoom } from './window-room.ts'

// So many pieces wait as they came; more are put together, because a piece of one byte holds much more than that.
const maxPieces = 256

export type ChannelDeps = {
  /** There is something to take. */
  readonly onReady: () => void
  /** The reader has taken so many bytes: the other side may send as many again. */
  readonly onRead: (bytes: number) => void
  /** The other side knows that windows may be widened, and this is the room that there is for it. */
  readonly room?: WindowRoom | undefined
}

type Write = { readonly bytes: Uint8Array; at: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }
/** A piece for the wire; `onSent` is to be called when it is on its way. */
export type Piece = { readonly bytes: Uint8Array; readonly isLast: boolean; readonly onSent: () => void }

/**
 * One channel. Outwards: `write` waits here until `take` has taken its bytes, and nothing is taken beyond the credit. Inwards: `receive`
 * holds no more than the window that was granted, until the reader takes it.
 */
export class Channel implements StreamChannel {
  readonly #deps: ChannelDeps
  readonly #writes: Write[] = []
  #credit = channelWindowBytes
  #end: 'open' | 'due' | 'said' = 'open'

  #pieces: Uint8Array[] = []
  #window = channelWindowBytes
  #granted = channelWindowBytes
  #read = 0
  /** What went through it since it is so wide. */
  #carried = 0
  #isThrownAway = false
  #hasEnded = false
  #wake = () => {}

  #failure: { readonly error: unknown } | undefined
  #isOver = false

  constructor(deps: ChannelDeps) {
    this.#deps = deps
  }

  get isReady(): boolean {
    return this.#writes.length > 0 ? this.#credit > 0 : this.#end === 'due'
  }

  /** Nothing waits to be sent, with credit or without. */
  get isFlushed(): boolean {
    return this.#writes.length === 0 && this.#end !== 'due'
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(this.#failure?.error ?? new Error('the stream has ended'))
      if (this.#end !== 'open') return reject(new Error('written to a channel after its end'))
      if (bytes.length === 0) return resolve()
      this.#writes.push({ bytes, at: 0, resolve, reject })
      this.#deps.onReady()
    })
  }

  end(): void {
    if (this.#end !== 'open' || this.#isOver) return
    this.#end = 'due'
    this.#deps.onReady()
  }

  /** As much of what waits as `most` and the credit let: who writes little at a time has it sent together. */
  take(most: number): Piece {
    if (this.#writes.length === 0) {
      this.#end = 'said'
      return { bytes: new Uint8Array(), isLast: true, onSent: () => {} }
    }
    const pieces: Uint8Array[] = []
    const done: Write[] = []
    let room = Math.min(most, this.#credit)
    for (let write = this.#writes[0]; write !== undefined && room > 0; write = this.#writes[0]) {
      const piece = write.bytes.subarray(write.at, write.at + room)
      pieces.push(piece)
      write.at += piece.length
      room -= piece.length
      this.#credit -= piece.length
      if (write.at < write.bytes.length) break
      done.push(write)
      this.#writes.shift()
    }
    const [bytes = new Uint8Array()] = pieces.length > 1 ? [Buffer.concat(pieces)] : pieces
    return {
      bytes,
      isLast: false,
      onSent() {
        for (const { resolve } of done) resolve()
      },
    }
  }

  /** False when it is for more than was sent. */
  addCredit(bytes: number): boolean {
    this.#credit += bytes
    const isDue = this.#credit <= (this.#deps.room === undefined ? channelWindowBytes : maxChannelWindowBytes)
    if (this.isReady) this.#deps.onReady()
    return isDue
  }

  receive(bytes: Uint8Array, isLast: boolean): void {
    if (this.#hasEnded) throw new FrameError('unexpected', 'bytes of a channel came after its end')
    this.#granted -= bytes.length
    if (this.#granted < 0) throw new FrameError('unexpected', 'more of a stream was sent than there was credit for')
    this.#hasEnded = isLast
    if (this.#isThrownAway) this.#giveBack(bytes.length)
    else if (bytes.length > 0) this.#keep(bytes)
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
          yield piece
          this.#giveBack(piece.length)
        }
        if (this.#failure !== undefined) throw this.#failure.error
        if (this.#hasEnded || this.#isOver) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.#throwAway()
    }
  }

  /** What came and was not read is of no use any more. */
  drop(): void {
    this.#pieces = []
    this.#giveRoomBack()
  }

  /** The stream is over: in order, or because of an error. What came is still read; what waits to be sent is not sent. */
  finish(failure?: { readonly error: unknown }): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    for (const { reject } of this.#writes.splice(0)) reject(failure?.error ?? new Error('the stream has ended'))
    this.#giveRoomBack()
    this.#wake()
  }

  #keep(bytes: Uint8Array): void {
    // A small piece must not hold the whole buffer in which it came.
    this.#pieces.push(bytes.length * 4 < bytes.buffer.byteLength ? Uint8Array.from(bytes) : bytes)
    if (this.#pieces.length > maxPieces) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /** In lumps: a frame of credit for each frame of bytes would double them. */
  #giveBack(bytes: number): void {
    if (this.#isOver) return this.#giveRoomBack()
    this.#read += bytes
    if (this.#read < this.#window / creditShare) return
    const credit = this.#read + this.#widened()
    this.#read = 0
    this.#granted += credit
    this.#deps.onRead(credit)
  }

  /** What carries much to a reader who keeps pace becomes twice as wide, as long as there is room for that. Answers by how much. */
  #widened(): number {
    const { room } = this.#deps
    const unread = this.#window - this.#granted - this.#read
    this.#carried += this.#read
    if (room === undefined || this.#carried < 2 * this.#window || unread > this.#window / 2) return 0
    const more = this.#window
    if (2 * more > maxChannelWindowBytes || !room.take(more)) return 0
    this.#window += more
    this.#carried = 0
    return more
  }

  /** Of a stream that is over what came and was not read is still held: its room is somebody else's only when that is gone, too. */
  #giveRoomBack(): void {
    if (!this.#isOver || this.#pieces.length > 0) return
    this.#deps.room?.giveBack(this.#window - channelWindowBytes)
    this.#window = channelWindowBytes
  }

  #throwAway(): void {
    this.#isThrownAway = true
    for (const { length } of this.#pieces.splice(0)) this.#giveBack(length)
    this.#giveRoomBack()
  }
}
