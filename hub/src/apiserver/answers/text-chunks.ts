/**
 * Text on its way out, as chunks of bytes. What is ASCII alone, as nearly all of ours is, is copied as it lies in memory, in a tenth of the
 * time that encoding it takes.
 */
export class TextChunks {
  readonly #size: number
  #bytes: Buffer
  #length = 0

  constructor(size: number) {
    this.#size = size
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  /** A chunk that is full and must go first, if the text has no room in it. A longer text than a chunk is one by itself. */
  add(text: string, isAscii = false): Uint8Array | undefined {
    const length = isAscii ? text.length : Buffer.byteLength(text)
    const full = this.#length + length > this.#bytes.length ? this.#next(length) : undefined
    // What is as long in UTF-8 as in characters is ASCII.
    this.#bytes.write(text, this.#length, length, length === text.length ? 'latin1' : 'utf8')
    this.#length += length
    return full
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #next(least: number): Uint8Array | undefined {
    const full = this.#length > 0 ? this.rest() : undefined
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(this.#size, least))
    this.#length = 0
    return full
  }
}
