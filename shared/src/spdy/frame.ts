import { SpdyError } from './spdy-error.ts'

/** Kinds of control frames (SPDY/3, section 2.6). */
export const kinds = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const
/** Why a stream is reset (section 2.6.3). */
export const resets = { protocolError: 1, invalidStream: 2, refused: 3, cancel: 5, internalError: 6 } as const
/** Why a connection ends (section 2.6.6). */
export const goodbyes = { ok: 0, protocolError: 1, internalError: 2 } as const
export const finFlag = 1

const headBytes = 8
/** Of a control frame: its headers are short, and nothing else in one is long. */
const maxControlBytes = 32 * 1024

export type Frame =
  /** Bytes of a stream as they come; one frame may come in many such pieces, of which the last may end the stream. */
  | { readonly type: 'data'; readonly stream: number; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly type: 'control'; readonly kind: number; readonly flags: number; readonly body: Buffer }

/** Cuts what comes from a connection into frames. Holds no more than one control frame; throws a `SpdyError` for what is no SPDY/3. */
export function createFrameCutter(): (chunk: Uint8Array) => Generator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  let data: { readonly stream: number; left: number; readonly isFin: boolean } | undefined
  return function* cut(chunk) {
    const came = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let input = rest.length === 0 ? came : Buffer.concat([rest, came])
    rest = Buffer.alloc(0)
    for (;;) {
      if (data !== undefined) {
        if (input.length === 0 && data.left > 0) return
        const bytes = input.subarray(0, data.left)
        input = input.subarray(bytes.length)
        data.left -= bytes.length
        const { stream, left, isFin } = data
        if (left === 0) data = undefined
        yield { type: 'data', stream, bytes, isLast: left === 0 && isFin }
        continue
      }
      if (input.length < headBytes) break
      const first = input.readUInt32BE(0)
      const flags = input[4] ?? 0
      const length = input.readUIntBE(5, 3)
      if (first < 0x8000_0000) {
        data = { stream: first, left: length, isFin: (flags & finFlag) !== 0 }
        input = input.subarray(headBytes)
        continue
      }
      const version = (first >>> 16) & 0x7fff
      if (version !== 3) throw new SpdyError(`this is SPDY/3, the other side speaks version ${version}`)
      if (length > maxControlBytes) throw new SpdyError(`a control frame may have ${maxControlBytes} bytes, this one has ${length}`)
      if (input.length < headBytes + length) break
      const body = input.subarray(headBytes, headBytes + length)
      input = input.subarray(headBytes + length)
      yield { type: 'control', kind: first & 0xffff, flags, body }
    }
    // A copy: what waits for its rest must not hold all that came with it.
    rest = Buffer.from(input)
  }
}

/** What goes before so many bytes of a stream. */
export function dataHead(stream: number, length: number, isLast: boolean): Uint8Array {
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32BE(stream, 0)
  head.writeUInt32BE(length, 4)
  head[4] = isLast ? finFlag : 0
  return head
}

export function controlFrame(kind: number, flags: number, body: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(headBytes + body.length)
  frame.writeUInt16BE(0x8003, 0)
  frame.writeUInt16BE(kind, 2)
  frame.writeUInt32BE(body.length, 4)
  frame[4] = flags
  frame.set(body, headBytes)
  return frame
}

/** Several numbers of four bytes, and what comes behind them. */
export function words(numbers: readonly number[], rest: Uint8Array = new Uint8Array()): Uint8Array {
  const body = Buffer.allocUnsafe(numbers.length * 4 + rest.length)
  numbers.forEach((number, index) => body.writeUInt32BE(number, index * 4))
  body.set(rest, numbers.length * 4)
  return body
}
