import * as z from 'zod/mini'

/**
 * The control protocol between a node and the hub: HTTP semantics, framed. A frame is one MQTT payload: a line of JSON
 * (the header), and after a newline the body's bytes, if it has one. Bodies therefore travel as the text they already are:
 * an object is serialised once however many nodes watch it, and log bytes are not dressed up as base64.
 *
 * A body larger than a frame goes in parts: the first frame's header says how many (`n`), the rest are `part` frames naming the
 * first one's number (`m`). Frames are numbered per direction (`q`, from 1): one out of turn is a replay or a loss and ends the session.
 */
export const maxFrameBytes = 128 * 1024
/** What a part carries; the rest of the frame is the header's. */
export const partBytes = maxFrameBytes - 8 * 1024
const maxHeaderBytes = 8 * 1024
/** The largest message of each direction, and all that is under way in parts together. Down: the largest object (`object-size.ts`) twice. */
export const maxMessageBytes = { up: 4 * 1024 * 1024, down: 8 * 1024 * 1024 } as const
/** Bytes of watch events that may be on their way to a node; answers may use as much again, so that events never shut them out. */
export const defaultWindowBytes = 256 * 1024
/** Bytes of one stream that may be on their way to whoever reads it. */
export const streamWindowBytes = 256 * 1024

const count = z.int().check(z.nonnegative())
const id = z.int()
const text = (max: number) => z.string().check(z.maxLength(max))
const common = { q: z.int().check(z.positive()), n: z.optional(z.int().check(z.minimum(2), z.maximum(128))) }
const query = z.record(text(256), text(4096))

const part = z.object({ ...common, t: z.literal('part'), m: z.int().check(z.positive()), i: z.int().check(z.positive()) })
const ping = z.object({ ...common, t: z.literal('ping') })
const pong = z.object({ ...common, t: z.literal('pong') })
const bye = z.object({ ...common, t: z.literal('bye'), reason: text(512) })
const cancel = z.object({ ...common, t: z.literal('cancel'), id })
/** Bytes of a stream. Ids that the node opened are positive, those that the hub opened negative. */
const data = z.object({ ...common, t: z.literal('data'), id })
/** The end of a watch or a stream; the body is a `Status` when it did not end well. */
const end = z.object({ ...common, t: z.literal('end'), id })

/** Node → hub. */
export const upHeader = z.discriminatedUnion('t', [
  /** The first frame of a session. `mono` and `clock` are the node's two times in milliseconds. */
  z.object({
    ...common,
    t: z.literal('hello'),
    v: z.literal(1),
    node: text(253),
    agent: text(64),
    boot: text(64),
    mono: count,
    clock: count,
  }),
  /** `ms`: how long the caller still waits. `key`: the same request sent again after a reconnect carries the same key, and is not done twice. */
  z.object({
    ...common,
    t: z.literal('req'),
    id,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: text(2048),
    query,
    type: z.optional(text(128)),
    ms: count,
    key: z.optional(text(64)),
  }),
  z.object({ ...common, t: z.literal('watch'), id, path: text(2048), query }),
  /** A request whose answer is a stream of bytes. */
  z.object({ ...common, t: z.literal('read'), id, path: text(2048), query }),
  /** These many bytes of watch events, answers and data are dealt with. */
  z.object({ ...common, t: z.literal('ack'), bytes: count }),
  /** The body is a CSR; answered by `res`. */
  z.object({ ...common, t: z.literal('renew'), id }),
  cancel,
  data,
  end,
  ping,
  pong,
  bye,
  part,
])

/** Hub → node. */
export const downHeader = z.discriminatedUnion('t', [
  z.object({ ...common, t: z.literal('welcome'), v: z.literal(1), hubTime: count, window: count }),
  z.object({ ...common, t: z.literal('res'), id, status: z.int().check(z.minimum(100), z.maximum(599)) }),
  /** The body is the event as on HTTP: `{"type":…,"object":…}`. */
  z.object({ ...common, t: z.literal('ev'), id }),
  /** Asks the node for a stream; the body is a `NodeStreamRequest`. */
  z.object({ ...common, t: z.literal('open'), id }),
  /** These many more bytes of a stream that the hub opened may be sent. */
  z.object({ ...common, t: z.literal('credit'), id, bytes: count }),
  cancel,
  data,
  end,
  ping,
  pong,
  bye,
  part,
])

export type UpHeader = z.infer<typeof upHeader>
export type DownHeader = z.infer<typeof downHeader>
/** What a sender says; number and parts are given to it by `frames`. */
export type UpMessage = Unnumbered<UpHeader>
export type DownMessage = Unnumbered<DownHeader>
type Unnumbered<H> = H extends unknown ? Omit<H, 'q' | 'n'> : never

export type FrameRefusal = 'malformed' | 'too-large' | 'replayed' | 'gap' | 'wrong-node' | 'unexpected'

/** A frame that ends the session: the other side is broken, hostile or of another version. */
export class FrameError extends Error {
  readonly refusal: FrameRefusal
  constructor(refusal: FrameRefusal, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FrameError'
    this.refusal = refusal
  }
}

/**
 * One message as frames, in order; `next` gives each its number. Lazy, so that a sender can stop where its credit ends, and text
 * that waits for its turn becomes bytes only then.
 */
export function* frames(
  message: UpMessage | DownMessage,
  content: string | Uint8Array | undefined,
  next: () => number,
): Generator<Uint8Array> {
  const body = typeof content === 'string' ? Buffer.from(content) : content
  const size = body?.length ?? 0
  const parts = Math.ceil(size / partBytes)
  if (parts <= 1) return yield encode({ ...message, q: next() }, body)
  const first = next()
  yield encode({ ...message, q: first, n: parts }, body?.subarray(0, partBytes))
  for (let index = 1; index < parts; index++)
    yield encode({ t: 'part', q: next(), m: first, i: index }, body?.subarray(index * partBytes, (index + 1) * partBytes))
}

function encode(header: object, body: Uint8Array | undefined): Uint8Array {
  const line = Buffer.from(JSON.stringify(header))
  if (line.length > maxHeaderBytes)
    throw new FrameError('too-large', `a frame header may have ${maxHeaderBytes} bytes, this one has ${line.length}`)
  return body === undefined ? line : Buffer.concat([line, newline, body])
}

const maxOpenMessages = 64
const newline = Buffer.from('\n')

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
export function createFrameReader(direction: 'up', room?: PartsRoom): (payload: Uint8Array) => Message<UpHeader> | undefined
export function createFrameReader(direction: 'down', room?: PartsRoom): (payload: Uint8Array) => Message<DownHeader> | undefined
export function createFrameReader(
  direction: 'up' | 'down',
  room: PartsRoom = unlimited,
): (payload: Uint8Array) => Message<UpHeader | DownHeader> | undefined {
  const schema: z.ZodMiniType<UpHeader | DownHeader> = direction === 'up' ? upHeader : downHeader
  const limit = maxMessageBytes[direction]
  type Open = {
    readonly header: UpHeader | DownHeader
    readonly parts: number
    chunks: Uint8Array[] | undefined
    came: number
    bytes: number
  }
  const open = new Map<number, Open>()
  let openBytes = 0
  let last = 0

  return (payload) => {
    const { header, body } = decode(schema, payload)
    if (header.q <= last) throw new FrameError('replayed', `frame ${header.q} came again after frame ${last}`)
    if (header.q !== last + 1) throw new FrameError('gap', `frame ${header.q} came where ${last + 1} was due`)
    last = header.q

    if (header.t !== 'part' && header.n === undefined) return { header, body }
    const first = header.t === 'part' ? header.m : header.q
    const message: Open | undefined =
      header.t === 'part' ? open.get(first) : { header, parts: header.n ?? 1, chunks: [], came: 0, bytes: 0 }
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

function decode<H>(schema: z.ZodMiniType<H>, payload: Uint8Array): { header: H; body: Uint8Array | undefined } {
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
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new FrameError('malformed', `a frame header is wrong at ${issue?.path.join('.') || 'its type'}: ${issue?.message ?? ''}`)
  }
  return { header: parsed.data, body: end < 0 ? undefined : payload.subarray(end + 1) }
}
