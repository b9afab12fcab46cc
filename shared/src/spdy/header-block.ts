import { createInflate, constants } from 'node:zlib'
import { dictionary, dictionaryId } from './dictionary.ts'
import { SpdyError } from './spdy-error.ts'

/** Names in lower case. */
export type SpdyHeaders = Readonly<Record<string, string>>

/** Kubernetes' clients have four short ones. What is packed may be a thousand times its size. */
const maxBlockBytes = 16 * 1024
const maxHeaders = 64

/**
 * Packs headers without making them smaller: all blocks of a direction are one zlib stream, and stored pieces of it need no state but whether
 * it has begun.
 */
export function createHeaderWriter(): (headers: SpdyHeaders) => Uint8Array {
  let hasBegun = false
  return (headers) => {
    const block = plainBlock(headers)
    const head = Buffer.alloc(hasBegun ? 5 : 11)
    if (!hasBegun) {
      head.writeUInt16BE(0x78bb, 0) // deflate, 32 KiB, with a dictionary (RFC 1950)
      head.writeUInt32BE(dictionaryId, 2)
    }
    // A piece that is stored and not the last (RFC 1951, 3.2.4).
    head.writeUInt16LE(block.length, head.length - 4)
    head.writeUInt16LE(~block.length & 0xffff, head.length - 2)
    hasBegun = true
    return Buffer.concat([head, block, flush])
  }
}

/** An empty piece: readers in Go give out nothing before it. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff])

function plainBlock(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers)
  const parts = [counted(entries.length), ...entries.flatMap(([name, value]) => [text(name), text(value)])]
  const block = Buffer.concat(parts)
  if (block.length > maxBlockBytes) throw new SpdyError(`headers may have ${maxBlockBytes} bytes, these have ${block.length}`)
  return block
}

const counted = (count: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(count)
  return bytes
}
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([counted(bytes.length), bytes])
}

export type HeaderReader = {
  /** One block after the other, in the order in which they came: each needs what was in those before. */
  read(block: Uint8Array): Promise<SpdyHeaders>
  close(): void
}

export function createHeaderReader(): HeaderReader {
  const inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH })
  let pieces: Uint8Array[] = []
  let length = 0
  let failure: Error | undefined
  let fail: (error: Error) => void = () => {}
  const onFailure = (error: Error) => {
    failure ??= error
    fail(failure)
  }
  inflate.on('data', (piece: Uint8Array) => {
    length += piece.length
    if (length <= maxBlockBytes) return void pieces.push(piece)
    onFailure(new SpdyError(`headers have more than ${maxBlockBytes} bytes`))
    inflate.destroy()
  })
  inflate.on('error', (error) =>
    onFailure(error instanceof SpdyError ? error : new SpdyError(`headers are not packed as zlib does: ${error.message}`)),
  )
  return {
    async read(block) {
      pieces = []
      length = 0
      await new Promise<void>((resolve, reject) => {
        if (failure !== undefined) return reject(failure)
        fail = reject
        inflate.write(block, (error) => (error ? reject(failure ?? error) : resolve()))
      })
      return parseBlock(Buffer.concat(pieces))
    },
    close: () => void inflate.destroy(),
  }
}

function parseBlock(block: Buffer): SpdyHeaders {
  let at = 0
  const count = () => {
    if (at + 4 > block.length) throw new SpdyError('a block of headers is cut off')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const word = () => {
    const length = count()
    if (at + length > block.length) throw new SpdyError('a block of headers is cut off')
    at += length
    return block.toString('utf8', at - length, at)
  }
  const many = count()
  if (many > maxHeaders) throw new SpdyError(`a stream may have ${maxHeaders} headers, this one has ${many}`)
  const headers = new Map<string, string>()
  for (let index = 0; index < many; index++) headers.set(word().toLowerCase(), word())
  if (at !== block.length) throw new SpdyError('a block of headers has something behind its end')
  return Object.fromEntries(headers)
}
