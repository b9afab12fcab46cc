// So many pieces wait as they came; more are put together, because a piece of one byte holds much more than that.
const maxPieces = 256

/**
 * Bytes that have come and wait for their reader. Who fills it looks whether it is full and waits until there is room: nothing here refuses what
 * was already read from a connection. A reader that leaves early has the rest thrown away.
 */
export class Inlet implements AsyncIterable<Uint8Array> {
  readonly #maxBytes: number
  #pieces: Uint8Array[] = []
  #length = 0
  #taken = 0
  #isLeft = false
  #end: { readonly error?: unknown } | undefined
  #wake = () => {}
  #waiting: (() => void)[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isFull(): boolean {
    return this.#length > this.#maxBytes
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#length
  }

  /** Bytes that the reader has taken, in all. */
  get taken(): number {
    return this.#taken
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** Resolves when there is room, or nobody reads any more. */
  room(): Promise<void> {
    return this.isFull ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve()
  }

  push(bytes: Uint8Array): void {
    if (this.#isLeft || this.#end !== undefined || bytes.length === 0) return
    // A small piece must not hold the whole buffer in which it came.
    this.#pieces.push(bytes.length * 4 < bytes.buffer.byteLength ? Uint8Array.from(bytes) : bytes)
    this.#length += bytes.length
    if (this.#pieces.length > maxPieces) this.#pieces = [Buffer.concat(this.#pieces)]
    this.#wake()
  }

  /** In order: what came is still read. */
  end(): void {
    this.#end ??= {}
    this.#settle()
  }

  /** Broken, unless it has ended: the reader hears why after what came. */
  fail(error: unknown): void {
    this.#end ??= { error }
    this.#settle()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
          yield piece
          this.#taken += piece.length
          this.#length = Math.max(0, this.#length - piece.length)
          if (!this.isFull) this.#giveRoom()
        }
        if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error
          return
        }
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.#isLeft = true
      this.#clear()
    }
  }

  #clear(): void {
    this.#pieces = []
    this.#length = 0
    this.#giveRoom()
  }

  #settle(): void {
    this.#wake()
    this.#giveRoom()
  }

  #giveRoom(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
