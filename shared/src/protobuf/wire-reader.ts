import { maxWireDepth, type Tag, WireError, type WireType } from './wire.ts'

const utf8Decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads one message front to back. Never reads past `end`, whatever the bytes say. */
export class WireReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  tag(): Tag {
    const value = this.uint32()
    const field = value >>> 3
    const wireType = value & 7
    if (field === 0 || wireType > 5) throw new WireError(`byte ${this.#at}: no field has the tag ${value}`)
    return { field, wireType: wireType as WireType } // checked the line before
  }

  /** The low 32 bits of a varint, unsigned. */
  uint32(): number {
    let result = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      if (shift < 32) result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result >>> 0
    }
    throw new WireError(`byte ${this.#at}: a varint is longer than 10 bytes`)
  }

  /** The low 32 bits of a varint, signed; a negative int32 comes as ten bytes. */
  int32(): number {
    return this.uint32() | 0
  }

  bool(): boolean {
    return this.int64() !== 0
  }

  /** A number where that is exact, else a bigint. */
  int64(): number | bigint {
    const { low, high } = this.#varint64()
    return fit((BigInt(high | 0) << 32n) | BigInt(low), high | 0, low)
  }

  uint64(): number | bigint {
    const { low, high } = this.#varint64()
    return fit((BigInt(high) << 32n) | BigInt(low), high, low)
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  fixed64(): number | bigint {
    const at = this.#take(8)
    const low = this.#view.getUint32(at, true)
    const high = this.#view.getUint32(at + 4, true)
    return fit((BigInt(high) << 32n) | BigInt(low), high, low)
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** A view into the message, not a copy. */
  bytes(): Uint8Array {
    const length = this.uint32()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  string(): string {
    const at = this.#at
    try {
      return utf8Decoder.decode(this.bytes())
    } catch (error) {
      if (error instanceof WireError) throw error
      throw new WireError(`byte ${at}: a string is not valid UTF-8`)
    }
  }

  /** A reader of the message that comes next. */
  message(): WireReader {
    const length = this.uint32()
    const at = this.#take(length)
    return new WireReader(this.#bytes, at, at + length)
  }

  /** Reads past a field that nobody asked for. */
  skip({ field, wireType }: Tag, depth = 0): void {
    if (depth > maxWireDepth) throw new WireError(`byte ${this.#at}: groups are nested deeper than ${maxWireDepth}`)
    switch (wireType) {
      case 0:
        this.uint32()
        return
      case 1:
        this.#take(8)
        return
      case 2:
        this.#take(this.uint32())
        return
      case 3:
        for (;;) {
          const tag = this.tag()
          if (tag.wireType === 4) {
            if (tag.field !== field) throw new WireError(`byte ${this.#at}: group ${field} ends as group ${tag.field}`)
            return
          }
          this.skip(tag, depth + 1)
        }
      case 4:
        throw new WireError(`byte ${this.#at}: a group ends that never began`)
      case 5:
        this.#take(4)
        return
      default:
        wireType satisfies never
    }
  }

  #varint64(): { low: number; high: number } {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= shift < 64 ? bits << (shift - 32) : 0
      if (byte < 0x80) return { low: low >>> 0, high: high >>> 0 }
    }
    throw new WireError(`byte ${this.#at}: a varint is longer than 10 bytes`)
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError(`byte ${this.#at}: the message ends in the middle of a field`)
    return this.#bytes[this.#at++] as number // within the end checked above
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.#end - at)
      throw new WireError(`byte ${at}: a field of ${length} bytes is longer than what is left (${this.#end - at})`)
    this.#at = at + length
    return at
  }
}

const fit = (exact: bigint, high: number, low: number): number | bigint =>
  high < 0x200000 && high >= -0x200000 && !(high === -0x200000 && low === 0) ? high * 0x1_0000_0000 + low : exact
