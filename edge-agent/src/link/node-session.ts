import type { Method } from '@bramble/shared/api/api-request.ts'
import { inOneTurn } from '@bramble/shared/async/in-one-turn.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { inflated } from '@bramble/shared/frames/deflated.ts'
import { featuresOf, ownFeatures } from '@bramble/shared/frames/features.ts'
import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import type { DownHeader, KnownLives, UnknownHeader, UpMessage } from '@bramble/shared/frames/headers.ts'
import { lazy, lazyAck } from '@bramble/shared/frames/lazy.ts'
import { maxMessageBytes, maxParts, partBytes, windowRoomBytes } from '@bramble/shared/frames/limits.ts'
import { Owed } from '@bramble/shared/frames/owed.ts'
import { MessageQueue } from '@bramble/shared/frames/message-queue.ts'
import { Sender } from '@bramble/shared/frames/sender.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { errorOf } from '@bramble/shared/api/rest-client.ts'
import type { StreamServers } from '@bramble/shared/streams/node-stream.ts'
import { StreamTable } from '@bramble/shared/streams/stream-table.ts'
import { createWindowRoom } from '@bramble/shared/streams/window-room.ts'
import { Inbox } from './inbox.ts'
import { createStreamServer } from './stream-server.ts'

export type Answer = { readonly status: number; readonly body: Uint8Array | undefined }
export type Ask = {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly type?: string
  readonly body?: Uint8Array
  readonly key?: string
  readonly ms: number
  readonly isLazy?: boolean
  readonly signal: AbortSignal
}
export type Welcome = { readonly hubTime: number; readonly lives?: KnownLives; readonly shared?: number }

export type NodeSessionDeps = {
  readonly send: (frame: Uint8Array) => void
  /** So many bytes of streams have gone by. */
  readonly onBytes?: (bytes: number) => void
  readonly onWelcome: (welcome: Welcome) => void
  readonly onBye: (reason: string) => void
  /** A frame of a type that only a later version knows was left out. */
  readonly onIgnored: (type: string) => void
  readonly servers: StreamServers
  readonly clock: Clock
  readonly log: Log
}

/** The connection went away under a call: whoever called may try again on the next one. */
export class SessionLost extends Error {
  constructor(why: string) {
    super(`the connection to the hub was lost: ${why}`)
    this.name = 'SessionLost'
  }
}

// Credit goes back in lumps, and what is left of one with the next thing that is said (a Lease is renewed every ten seconds), or at last alone: the
// hub's window holds eight lumps, so it never waits for a rest, and takes who owes it one for a minute for dead.
const ackMs = 15_000

/** The node's end of one connection: calls and watches out, streams in. `receive` throws a `FrameError` when the hub speaks nonsense. */
export function createNodeSession({ send, onWelcome, onBye, onIgnored, onBytes = () => {}, servers, clock, log }: NodeSessionDeps) {
  const read = createFrameReader('down')
  const answers = new Map<number, { resolve: (answer: Answer) => void; reject: (error: unknown) => void }>()
  const incoming = new Map<number, Inbox>()
  // Without a window until the hub has said that it acknowledges. What is short never waits: it is few, and each has a caller with a deadline.
  const sender = new Sender<UpMessage>({ send, clock, windowBytes: Infinity, urgentWindows: Infinity })
  const long = new MessageQueue<UpMessage>()
  const say = (message: UpMessage, body?: Uint8Array | string) => {
    owed.tell('lazy' in message && message.lazy === true)
    if (body === undefined || body.length <= partBytes) return sender.push(message, body)
    long.push({ message, body })
    sender.pump()
  }
  const streams = new StreamTable({ side: 'node', say, onReady: inOneTurn(() => sender.pump()), onBytes })
  sender.addSource(long, 1)
  sender.addSource(streams, 1)
  const serve = createStreamServer({ table: streams, servers, log })
  let lastId = 0
  let ackTimer: NodeJS.Timeout | undefined
  let lost: SessionLost | undefined

  const acknowledge = (bytes: number) => {
    if (lost !== undefined) return
    owed.add(bytes)
    if (owed.bytes > 0) ackTimer ??= setTimeout(() => owed.tell(true), ackMs)
  }
  const owed = new Owed(clock, (bytes, isLazy) => {
    clearTimeout(ackTimer)
    ackTimer = undefined
    sender.sayNow({ ...(isLazy ? lazyAck : ({ t: 'ack' } as const)), bytes })
  })

  const receive = (payload: Uint8Array): void => {
    const message = read(payload)
    // Events and the bytes of reads are acknowledged when their reader takes them; everything else when it is here.
    const isKept = message !== undefined && deliver(message.header, message.body, payload.length)
    if (!isKept && message?.header.t !== 'ack') acknowledge(payload.length)
  }

  /** True when the bytes now wait for a reader. */
  const deliver = (header: DownHeader | UnknownHeader, body: Uint8Array | undefined, bytes: number): boolean => {
    switch (header.t) {
      case 'welcome': {
        const features = featuresOf(header.features)
        if (features.has('streams')) streams.useChannels()
        if (features.has('windows')) streams.useWindows(createWindowRoom(windowRoomBytes.ofSession))
        if (features.has('parts')) sender.useParts(maxParts.now)
        if (features.has('acks')) sender.useWindow(header.window)
        onWelcome(header)
        return false
      }
      case 'res': {
        const { status } = header
        answers.get(header.id)?.resolve({ status, body: whole(header, body) })
        answers.delete(header.id)
        return false
      }
      case 'ev':
        return incoming.get(header.id)?.push({ body: whole(header, body) ?? new Uint8Array(), bytes }) ?? false
      case 'data':
        if (header.id > 0) return incoming.get(header.id)?.push({ body: body ?? new Uint8Array(), bytes }) ?? false
        streams.receive(header, body)
        return false
      case 'end':
        if (header.id > 0) incoming.get(header.id)?.end(body === undefined ? undefined : errorOf(json(body)))
        else streams.receive(header, body)
        return false
      case 'open':
        serve(header.id, body)
        return false
      case 'credit':
      case 'cancel':
      case 'opened':
        streams.receive(header, body)
        return false
      case 'ack':
        sender.acknowledge(header.bytes)
        return false
      case 'ping':
        say({ t: 'pong' })
        return false
      case 'pong':
        return false
      case 'bye':
        onBye(header.reason)
        return false
      case 'unknown':
        onIgnored(header.type)
        return false
      case 'part':
        throw new FrameError('malformed', 'a part without a message')
      default:
        return header satisfies never
    }
  }

  const answer = (id: number, signal: AbortSignal, ask: () => void): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost)
      if (signal.aborted) return reject(signal.reason)
      const onAbort = () => {
        answers.delete(id)
        // What the hub has not heard of need not be taken back.
        if (!long.drop((message) => 'id' in message && message.id === id)) say({ t: 'cancel', id })
        reject(signal.reason)
      }
      const settled = () => signal.removeEventListener('abort', onAbort)
      signal.addEventListener('abort', onAbort, { once: true })
      answers.set(id, {
        resolve: (answer) => (settled(), resolve(answer)),
        reject: (error) => (settled(), reject(error)),
      })
      ask()
    })

  /** The bodies of the frames under an id, each acknowledged when the next is asked for. */
  async function* take(id: number, ask: () => void, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (lost !== undefined) throw lost
    const inbox = new Inbox()
    incoming.set(id, inbox)
    const onAbort = () => inbox.wake()
    signal.addEventListener('abort', onAbort, { once: true })
    let unread = 0
    try {
      ask()
      for (let parcel = await inbox.next(signal); parcel !== undefined; parcel = await inbox.next(signal)) {
        unread = parcel.bytes
        yield parcel.body
        acknowledge(unread)
        unread = 0
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      incoming.delete(id)
      acknowledge(unread + inbox.drain())
      if (!inbox.ended) say({ t: 'cancel', id })
    }
  }

  return {
    receive,
    hello: (hello: Omit<UpMessage & { t: 'hello' }, 't' | 'features'>) => say({ t: 'hello', ...hello, features: [...ownFeatures] }),
    bye: (reason: string) => say({ t: 'bye', reason }),
    request({ method, path, query, type, body, key, ms, isLazy = false, signal }: Ask): Promise<Answer> {
      const id = ++lastId
      const req = isLazy ? lazy : ({ t: 'req' } as const)
      return answer(id, signal, () =>
        say({ ...req, id, method, path, query, ms, ...(type !== undefined && { type }), ...(key !== undefined && { key }) }, body),
      )
    },
    renew(csrPem: string, signal: AbortSignal): Promise<Answer> {
      const id = ++lastId
      return answer(id, signal, () => say({ t: 'renew', id }, Buffer.from(csrPem)))
    },
    open(kind: 'watch' | 'read', path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
      const id = ++lastId
      return take(id, () => say({ t: kind, id, path, query }), signal)
    },
    close(why: string): void {
      lost = new SessionLost(why)
      clearTimeout(ackTimer)
      owed.forget()
      for (const { reject } of answers.values()) reject(lost)
      answers.clear()
      for (const inbox of incoming.values()) inbox.end(lost)
      streams.lose(lost)
      sender.close()
    },
  }
}

export type NodeSession = ReturnType<typeof createNodeSession>

/** A body as it was before it was packed. */
function whole({ z }: { readonly z?: true | undefined }, body: Uint8Array | undefined): Uint8Array | undefined {
  if (z !== true || body === undefined) return body
  try {
    return inflated(body, maxMessageBytes.down)
  } catch (cause) {
    throw new FrameError('malformed', 'a body that cannot be inflated', { cause })
  }
}

const json = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
