/**
 * Bytes that are put together as they come. In however small pieces that is, they take no more than twice their room: a piece of one byte that is kept by itself
 * takes a hundred. Who adds to it looks to its bound.
 */
export class Gathering {
  readonly #expected: number
  #room: Uint8Array = new Uint8Array()
  #length = 0

  /** `expected`: how many it will be, where that is known. */
  constructor(expected = 0) {
    this.#expected = expected
  }

  get length(): number {
    return this.#length
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length
    // What comes in one piece is not copied.
    if (this.#length === 0) this.#room = bytes
    else {
      if (length > this.#room.length) this.#grow(length <= this.#expected ? this.#expected : Math.max(length, 2 * this.#length))
      this.#room.set(bytes, this.#length)
    }
    this.#length = length
  }

  /** All of them; it is not added to any more. */
  whole(): Buffer {
    return Buffer.from(this.#room.buffer, this.#room.byteOffset, this.#length)
  }

  #grow(to: number): void {
    const larger = Buffer.allocUnsafeSlow(to)
    larger.set(this.#room.subarray(0, this.#length))
    this.#room = larger
  }
}
