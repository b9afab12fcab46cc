/** How a field's bytes are framed; the groups (3, 4) of proto2 are read past, never written. */
export type WireType = 0 | 1 | 2 | 3 | 4 | 5

export type Tag = { readonly field: number; readonly wireType: WireType }

/** A protobuf message that ends too early, or says something no encoder would write. */
export class WireError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WireError'
  }
}

// Deeper than any Kubernetes or CRI message, shallow enough for the stack.
export const maxWireDepth = 100

const utf8Decoder = new TextDecoder('utf-8', { fatal: true })
const utf8Encoder = new TextEncoder()

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

/** Writes one message; a nested one is written by a callback and framed when that returns. */
export class WireWriter {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  tag(field: number, wireType: WireType): void {
    this.uint32(((field << 3) | wireType) >>> 0)
  }

  uint32(value: number): void {
    this.#reserve(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
  }

  /** A negative number takes ten bytes, as everywhere in protobuf. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value)
    else this.int64(value)
  }

  bool(value: boolean): void {
    this.uint32(value ? 1 : 0)
  }

  int64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value <= 0xffff_ffff) return this.uint32(value)
    this.#reserve(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  fixed32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  fixed64(value: number | bigint): void {
    this.#reserve(8)
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, BigInt(value)), true)
    this.#length += 8
  }

  float(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  double(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  string(value: string): void {
    if (value.length < 64 && this.#shortAscii(value)) return
    this.#reserve(value.length * 3 + 5)
    const start = this.begin()
    this.#length += utf8Encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written
    this.end(start)
  }

  message(write: () => void): void {
    const start = this.begin()
    write()
    this.end(start)
  }

  /** Begins something whose length stands before it; `end` with what this answers closes it. */
  begin(): number {
    this.#reserve(1)
    return this.#length++
  }

  end(start: number): void {
    const size = this.#length - start - 1
    let more = 0
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) more++
    this.#reserve(more)
    if (more > 0) this.#bytes.copyWithin(start + 1 + more, start + 1, this.#length)
    this.#length = start
    this.uint32(size)
    this.#length += size
  }

  #shortAscii(value: string): boolean {
    this.#reserve(value.length + 1)
    let at = this.#length + 1
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) return false
      this.#bytes[at++] = code
    }
    this.#bytes[this.#length] = value.length
    this.#length = at
    return true
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
