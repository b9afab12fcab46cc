import type { Duplex } from 'node:stream'
import { createMessageReader, NotWebSocket, type Piece } from './message-reader.ts'

/** Until a caller that was told goodbye has said so too, and closed. */
const goodbyeMs = 30_000
/** Until one that sends what is no WebSocket has read why it ends. */
const lastWordMs = 1000

export type ServerSocketDeps = {
  /** On which the handshake is done. From now on nobody else's. */
  readonly connection: Duplex
  readonly onPiece: (piece: Piece) => void
  /** Called once: nothing comes any more, and nothing that is sent arrives. */
  readonly onOver: () => void
}

/**
 * The server's end of a WebSocket (RFC 6455). A message is told of in the pieces in which it comes, so that none is too long and none is held; what is sent waits in
 * the connection, where its writers look whether there is room.
 */
export class ServerSocket {
  readonly #connection: Duplex
  readonly #deps: ServerSocketDeps
  readonly #read = createMessageReader()
  #isPaused = false
  #hasSaidGoodbye = false
  #isDeaf = false
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(deps: ServerSocketDeps) {
    this.#deps = deps
    const { connection } = deps
    this.#connection = connection
    connection.on('error', () => {}) // told by the close
    connection.once('close', () => this.#over())
    connection.once('end', () => this.#end())
    connection.on('data', (chunk: Uint8Array) => this.#take(chunk))
    if (connection.destroyed) process.nextTick(() => this.#over())
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Something may still be sent. */
  get isOpen(): boolean {
    return !this.#hasSaidGoodbye && !this.#isOver
  }

  pause(): void {
    if (this.#isDeaf) return
    this.#isPaused = true
    this.#connection.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#connection.resume()
  }

  /** One message, of these one behind the other. */
  send(pieces: readonly Uint8Array[], { isText = false } = {}): void {
    if (this.isOpen) this.#write(isText ? 1 : 2, pieces)
  }

  ping(): void {
    if (this.isOpen) this.#write(9, [])
  }

  /** Says goodbye after all that was sent; the other side does so, too, and then it is over. */
  close(code = 1000, reason = ''): void {
    if (!this.isOpen) return
    const bytes = Buffer.alloc(2)
    bytes.writeUInt16BE(code)
    this.#write(8, [bytes, Buffer.from(reason).subarray(0, 123)])
    this.#hasSaidGoodbye = true
    this.#within(goodbyeMs)
  }

  terminate(): void {
    this.#connection.destroy()
  }

  #take(chunk: Uint8Array): void {
    if (this.#isDeaf) return
    try {
      for (const said of this.#read(chunk)) {
        if (said.type === 'piece') this.#deps.onPiece(said)
        // Who does not read what it asks for is not answered again.
        else if (said.type === 'ping' && this.isOpen && !this.#connection.writableNeedDrain) this.#write(10, [said.bytes])
        else if (said.type === 'close') return this.#heardGoodbye(said.bytes)
        if (this.#isDeaf) return
      }
    } catch (error) {
      if (!(error instanceof NotWebSocket)) throw error
      this.refuse(error.code, error.message)
    }
  }

  /** Ends it, and says why: what the caller sends makes no sense here. */
  refuse(code: number, reason: string): void {
    this.close(code, reason)
    this.#end()
    this.#within(lastWordMs)
  }

  #heardGoodbye(bytes: Uint8Array): void {
    if (bytes.length === 1) return this.refuse(1002, 'a goodbye has a code of two bytes')
    const code = bytes.length === 0 ? 1000 : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)
    if (code < 1000 || code > 4999) return this.refuse(1002, `${code} is no code of a goodbye`)
    this.close(code)
    this.#end()
  }

  /** Nothing more is heard, and nothing more is said. */
  #end(): void {
    this.#isDeaf = true
    this.#hasSaidGoodbye = true
    this.#within(lastWordMs)
    this.#connection.end()
    // What still comes goes by, or the connection never sees its end.
    this.resume()
  }

  #within(ms: number): void {
    if (this.#isOver) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#connection.destroy(), ms)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#deps.onOver()
  }

  #write(opcode: number, pieces: readonly Uint8Array[]): void {
    const connection = this.#connection
    if (!connection.writable) return
    connection.cork()
    connection.write(
      headOf(
        opcode,
        pieces.reduce((sum, { length }) => sum + length, 0),
      ),
    )
    for (const piece of pieces) if (piece.length > 0) connection.write(piece)
    connection.uncork()
  }
}

/** Of a whole message, which a server does not mask. */
function headOf(opcode: number, length: number): Uint8Array {
  const first = 0x80 | opcode
  if (length < 126) return Uint8Array.of(first, length)
  if (length < 65_536) return Uint8Array.of(first, 126, length >>> 8, length & 0xff)
  const head = Buffer.alloc(10)
  head[0] = first
  head[1] = 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
