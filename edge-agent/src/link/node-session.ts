import { ApiError } from '@bramble/shared/api-error.ts'
import type { Method } from '@bramble/shared/api-request.ts'
import {
  createFrameReader,
  FrameError,
  frames,
  partBytes,
  streamWindowBytes,
  type DownHeader,
  type UpMessage,
} from '@bramble/shared/frame.ts'
import type { Log } from '@bramble/shared/log.ts'
import type { NodeStreamRequest, ServeNodeStream } from '@bramble/shared/node-stream.ts'
import { errorOf } from '@bramble/shared/rest-client.ts'
import { messageOf } from '@bramble/shared/service.ts'
import { Inbox } from './inbox.ts'

export type Answer = { readonly status: number; readonly body: Uint8Array | undefined }
export type Ask = {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly type?: string
  readonly body?: Uint8Array
  readonly key?: string
  readonly ms: number
  readonly signal: AbortSignal
}
export type Welcome = { readonly hubTime: number }

export type NodeSessionDeps = {
  readonly send: (frame: Uint8Array) => void
  readonly onWelcome: (welcome: Welcome) => void
  readonly onBye: (reason: string) => void
  readonly serveStream: ServeNodeStream
  readonly log: Log
}

/** The connection went away under a call: whoever called may try again on the next one. */
export class SessionLost extends Error {
  constructor(why: string) {
    super(`the connection to the hub was lost: ${why}`)
    this.name = 'SessionLost'
  }
}

type Serving = { readonly controller: AbortController; credit: number; wake: () => void }

// Credit goes back in lumps: an acknowledgement for each small frame would double the messages.
const ackBytes = 32 * 1024
const ackMs = 250
const maxServing = 64

/** The node's end of one connection: calls and watches out, streams in. `receive` throws a `FrameError` when the hub speaks nonsense. */
export function createNodeSession({ send, onWelcome, onBye, serveStream, log }: NodeSessionDeps) {
  const read = createFrameReader('down')
  const answers = new Map<number, { resolve: (answer: Answer) => void; reject: (error: unknown) => void }>()
  const incoming = new Map<number, Inbox>()
  const serving = new Map<number, Serving>()
  let lastId = 0
  let number = 0
  let owed = 0
  let ackTimer: NodeJS.Timeout | undefined
  let lost: SessionLost | undefined

  const say = (message: UpMessage, body?: Uint8Array) => {
    if (lost !== undefined) return
    for (const frame of frames(message, body, () => ++number)) send(frame)
  }

  const acknowledge = (bytes: number) => {
    owed += bytes
    if (owed >= ackBytes) return flushAck()
    ackTimer ??= setTimeout(flushAck, ackMs)
  }
  const flushAck = () => {
    clearTimeout(ackTimer)
    ackTimer = undefined
    const bytes = owed
    owed = 0
    if (bytes > 0) say({ t: 'ack', bytes })
  }

  const receive = (payload: Uint8Array): void => {
    const message = read(payload)
    // Events and stream bytes are acknowledged when their reader takes them; everything else when it is here.
    const isKept = message !== undefined && deliver(message.header, message.body, payload.length)
    if (!isKept) acknowledge(payload.length)
  }

  /** True when the bytes now wait for a reader. */
  const deliver = (header: DownHeader, body: Uint8Array | undefined, bytes: number): boolean => {
    switch (header.t) {
      case 'welcome':
        onWelcome({ hubTime: header.hubTime })
        return false
      case 'res': {
        const { status } = header
        answers.get(header.id)?.resolve({ status, body })
        answers.delete(header.id)
        return false
      }
      case 'ev':
      case 'data':
        return incoming.get(header.id)?.push({ body: body ?? new Uint8Array(), bytes }) ?? false
      case 'end':
        incoming.get(header.id)?.end(body === undefined ? undefined : errorOf(json(body)))
        return false
      case 'open':
        void serve(header.id, body)
        return false
      case 'credit': {
        const stream = serving.get(header.id)
        if (stream !== undefined) stream.credit += header.bytes
        stream?.wake()
        return false
      }
      case 'cancel':
        serving.get(header.id)?.controller.abort(new Error('the reader has gone'))
        serving.get(header.id)?.wake()
        return false
      case 'ping':
        say({ t: 'pong' })
        return false
      case 'pong':
        return false
      case 'bye':
        onBye(header.reason)
        return false
      case 'part':
        throw new FrameError('malformed', 'a part without a message')
      default:
        return header satisfies never
    }
  }

  const serve = async (id: number, body: Uint8Array | undefined) => {
    const stream: Serving = { controller: new AbortController(), credit: streamWindowBytes, wake: () => {} }
    const { signal } = stream.controller
    try {
      if (serving.size >= maxServing) throw new ApiError('TooManyRequests', `this node serves ${maxServing} streams already`)
      serving.set(id, stream)
      const request = json(body ?? new Uint8Array()) as NodeStreamRequest // made by our own hub, which proved to be it
      for await (const chunk of serveStream(request, signal)) {
        for (let at = 0; at < chunk.length && !signal.aborted;) {
          while (stream.credit <= 0 && !signal.aborted) await new Promise<void>((resolve) => (stream.wake = resolve))
          const piece = chunk.subarray(at, at + Math.min(partBytes, stream.credit))
          if (signal.aborted) break
          say({ t: 'data', id }, piece)
          stream.credit -= piece.length
          at += piece.length
        }
        if (signal.aborted) break
      }
      say({ t: 'end', id })
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof ApiError ? error.reason : 'InternalError'
      if (reason === 'InternalError') log.warn({ error: messageOf(error) }, 'stream failed')
      say(
        { t: 'end', id },
        Buffer.from(
          JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message: messageOf(error) }),
        ),
      )
    } finally {
      serving.delete(id)
    }
  }

  const answer = (id: number, signal: AbortSignal, ask: () => void): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(lost)
      if (signal.aborted) return reject(signal.reason)
      const onAbort = () => {
        answers.delete(id)
        say({ t: 'cancel', id })
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
    hello: (hello: Omit<UpMessage & { t: 'hello' }, 't'>) => say({ t: 'hello', ...hello }),
    bye: (reason: string) => say({ t: 'bye', reason }),
    request({ method, path, query, type, body, key, ms, signal }: Ask): Promise<Answer> {
      const id = ++lastId
      return answer(id, signal, () =>
        say({ t: 'req', id, method, path, query, ms, ...(type !== undefined && { type }), ...(key !== undefined && { key }) }, body),
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
      for (const { reject } of answers.values()) reject(lost)
      answers.clear()
      for (const inbox of incoming.values()) inbox.end(lost)
      for (const { controller, wake } of serving.values()) {
        controller.abort(lost)
        wake()
      }
    },
  }
}

export type NodeSession = ReturnType<typeof createNodeSession>

const json = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
