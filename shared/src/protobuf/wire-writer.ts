import type { WireType } from './wire.ts'

const utf8Encoder = new TextEncoder()

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
