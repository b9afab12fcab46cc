import { unmask } from './mask.ts'

/** Of a message that comes in as many as it likes: a message has no bound, because nobody holds it. */
export type Piece = { readonly bytes: Uint8Array; readonly isFirst: boolean; readonly isLast: boolean; readonly isText: boolean }

/** What a caller has said. */
export type Said =
  | ({ readonly type: 'piece' } & Piece)
  | { readonly type: 'ping' | 'pong'; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly bytes: Uint8Array }

/** What is no WebSocket, with the code by which its sender is told (RFC 6455, section 7.4.1). */
export class NotWebSocket extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'NotWebSocket'
    this.code = code
  }
}

const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const maxControlBytes = 125

type Frame = { readonly opcode: number; readonly isFin: boolean; left: number; readonly mask: Uint8Array; at: number; isBegun: boolean }

/**
 * Reads the frames of a client (RFC 6455, section 5) from its bytes, wherever those are cut. Its bytes are unmasked where they lie, and given on without waiting
 * for the rest. Holds no more than a head or a control frame; throws a `NotWebSocket`.
 */
export function createMessageReader(): (chunk: Uint8Array) => Generator<Said> {
  let rest: Buffer = Buffer.alloc(0)
  let frame: Frame | undefined
  /** Of the message that is open. */
  let open: { readonly isText: boolean } | undefined

  const begin = (input: Buffer): { readonly head: Frame; readonly bytes: number } | undefined => {
    const head = headIn(input)
    if (head === undefined) return undefined
    const { opcode, isFin } = head.head
    if (opcode >= opcodes.close) return head
    if ((opcode === opcodes.more) === (open === undefined)) throw new NotWebSocket(1002, 'a message was begun or went on out of turn')
    const isFirst = open === undefined
    open ??= { isText: opcode === opcodes.text }
    return { ...head, head: { ...head.head, isBegun: !isFirst, isFin } }
  }

  return function* read(chunk) {
    const came = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let input = rest.length === 0 ? came : Buffer.concat([rest, came])
    rest = Buffer.alloc(0)
    for (;;) {
      if (frame === undefined) {
        const begun = begin(input)
        if (begun === undefined) break
        frame = begun.head
        input = input.subarray(begun.bytes)
      }
      if (frame.opcode >= opcodes.close) {
        if (input.length < frame.left) break
        const bytes = Uint8Array.from(input.subarray(0, frame.left))
        input = input.subarray(bytes.length)
        unmask(bytes, frame.mask)
        const { opcode } = frame
        frame = undefined
        yield { type: opcode === opcodes.close ? 'close' : opcode === opcodes.ping ? 'ping' : 'pong', bytes }
        continue
      }
      if (input.length === 0 && frame.left > 0) return
      const bytes = input.subarray(0, frame.left)
      input = input.subarray(bytes.length)
      const piece = pieceOf(frame, bytes, open?.isText === true)
      if (frame.left === 0) frame = undefined
      if (piece.isLast) open = undefined
      yield piece
    }
    // A copy: what waits for its rest must not hold all that came with it.
    rest = Buffer.from(input)
  }
}

function pieceOf(frame: Frame, bytes: Uint8Array, isText: boolean): Said & Piece {
  unmask(bytes, frame.at % 4 === 0 ? frame.mask : Uint8Array.from([0, 1, 2, 3], (index) => frame.mask[(frame.at + index) % 4] ?? 0))
  const isFirst = !frame.isBegun
  frame.isBegun = true
  frame.at += bytes.length
  frame.left -= bytes.length
  return { type: 'piece', bytes, isFirst, isLast: frame.isFin && frame.left === 0, isText }
}

/** Undefined until it is whole. */
function headIn(input: Buffer): { readonly head: Frame; readonly bytes: number } | undefined {
  const [first, second] = input
  if (first === undefined || second === undefined) return undefined
  const opcode = first & 0x0f
  const isFin = (first & 0x80) !== 0
  if ((first & 0x70) !== 0) throw new NotWebSocket(1002, 'a frame uses an extension, and none was agreed on')
  if (!Object.values<number>(opcodes).includes(opcode)) throw new NotWebSocket(1002, `there are no frames with the opcode ${opcode}`)
  if ((second & 0x80) === 0) throw new NotWebSocket(1002, 'a client masks what it sends')
  const short = second & 0x7f
  if (opcode >= opcodes.close && (short > maxControlBytes || !isFin))
    throw new NotWebSocket(1002, `a control frame has ${maxControlBytes} bytes at most, and is whole`)
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const bytes = 2 + lengthBytes + 4
  if (input.length < bytes) return undefined
  const left = lengthBytes === 2 ? input.readUInt16BE(2) : lengthBytes === 8 ? Number(input.readBigUInt64BE(2)) : short
  if (!Number.isSafeInteger(left)) throw new NotWebSocket(1009, 'a frame is longer than can be counted')
  return { head: { opcode, isFin, left, mask: Uint8Array.from(input.subarray(bytes - 4, bytes)), at: 0, isBegun: false }, bytes }
}
