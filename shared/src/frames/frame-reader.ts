import { FrameError } from './frame.ts'
import { type DownHeader, parseHeader, type UnknownHeader, type UpHeader } from './headers.ts'
import { maxFrameBytes, maxHeaderBytes, maxMessageBytes } from './limits.ts'

const maxOpenMessages = 64

type Header = UpHeader | DownHeader | UnknownHeader

export type Message<H> = {
  readonly header: H
  readonly body: Uint8Array | undefined
  /** It came in parts, and there was no room for all of them: the body is lost. */
  readonly isDropped?: boolean
}

/** Memory for the parts of messages; what a whole message took is its receiver's to give back. */
export type PartsRoom = { take(bytes: number): boolean; giveBack(bytes: number): void }
const unlimited: PartsRoom = { take: () => true, giveBack: () => {} }

/**
 * The receiving end of one direction of a session: give it each payload, get the messages that it completes. Throws a `FrameError`
 * on the first frame that is wrong; the session is over then. What waits for its last part is bounded by the size of one message,
 * and by the room there is: a message that finds none loses its body and goes on to its end, so that it can be refused by its id.
 */
export function createFrameReader(direction: 'up', room?: PartsRoom): (payload: Uint8Array) => Message<UpHeader | UnknownHeader> | undefined
export function createFrameReader(
  direction: 'down',
  room?: PartsRoom,
): (payload: Uint8Array) => Message<DownHeader | UnknownHeader> | undefined
export function createFrameReader(
  direction: 'up' | 'down',
  room: PartsRoom = unlimited,
): (payload: Uint8Array) => Message<Header> | undefined {
  const limit = maxMessageBytes[direction]
  type Open = {
    readonly header: Header
    readonly parts: number
    chunks: Uint8Array[] | undefined
    came: number
    bytes: number
  }
  const open = new Map<number, Open>()
  let openBytes = 0
  let last = 0

  return (payload) => {
    const { header, body } = decode(direction, payload)
    if (header.q <= last) throw new FrameError('replayed', `frame ${header.q} came again after frame ${last}`)
    if (header.q !== last + 1) throw new FrameError('gap', `frame ${header.q} came where ${last + 1} was due`)
    last = header.q

    if (header.t !== 'part' && header.n === undefined) return { header, body }
    const first = header.t === 'part' ? header.m : header.q
    const message: Open | undefined =
      header.t === 'part'
        ? open.get(first)
        : { header, parts: header.n ?? 1, chunks: header.t === 'unknown' ? undefined : [], came: 0, bytes: 0 }
    if (message === undefined || body === undefined) throw new FrameError('malformed', `part ${header.q} belongs to no message`)
    if (header.t === 'part' && header.i !== message.came)
      throw new FrameError('malformed', `part ${header.i} of message ${first} came where ${message.came} was due`)
    message.came += 1
    message.bytes += body.length
    openBytes += body.length
    if (openBytes > limit) throw new FrameError('too-large', `a message may have ${limit} bytes`)
    if (message.chunks !== undefined && !room.take(body.length)) {
      room.giveBack(message.bytes - body.length)
      message.chunks = undefined
    }
    message.chunks?.push(body)
    open.set(first, message)
    if (open.size > maxOpenMessages) throw new FrameError('too-large', `at most ${maxOpenMessages} messages may be in parts at once`)
    if (message.came < message.parts) return undefined
    open.delete(first)
    openBytes -= message.bytes
    if (message.chunks === undefined) return { header: message.header, body: undefined, isDropped: true }
    return { header: message.header, body: Buffer.concat(message.chunks) }
  }
}

function decode(direction: 'up' | 'down', payload: Uint8Array): { header: Header; body: Uint8Array | undefined } {
  if (payload.length > maxFrameBytes)
    throw new FrameError('too-large', `a frame may have ${maxFrameBytes} bytes, this one has ${payload.length}`)
  const end = payload.subarray(0, maxHeaderBytes + 1).indexOf(10)
  const line = end < 0 ? payload : payload.subarray(0, end)
  if (line.length > maxHeaderBytes) throw new FrameError('too-large', `a frame header may have ${maxHeaderBytes} bytes`)
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString())
  } catch (cause) {
    throw new FrameError('malformed', 'a frame header is not JSON', { cause })
  }
  const header = parseHeader(direction, json)
  if ('wrong' in header) throw new FrameError('malformed', `a frame header is wrong at ${header.wrong}`)
  return { header, body: end < 0 ? undefined : payload.subarray(end + 1) }
}
