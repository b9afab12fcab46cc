import { exactJson } from '@bramble/shared/exact-json.ts'
import type { ApiResponse, Handler, Method, RawWatchEvent, User } from '@bramble/shared/api-request.ts'
import { ApiError, type StatusReason } from '@bramble/shared/api-error.ts'
import { AsyncQueue } from '@bramble/shared/async/async-queue.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { discard } from '@bramble/shared/discard.ts'
import {
  createFrameReader,
  defaultWindowBytes,
  FrameError,
  maxMessageBytes,
  partBytes,
  streamWindowBytes,
  type DownMessage,
  type UpHeader,
} from '@bramble/shared/frame.ts'
import type { Log } from '@bramble/shared/log.ts'
import type { NodeStreamRequest } from '@bramble/shared/node-stream.ts'
import { isLargerThan } from '@bramble/shared/object-size.ts'
import { errorOf } from '@bramble/shared/rest-client.ts'
import { messageOf } from '@bramble/shared/service.ts'
import { Backlog } from './backlog.ts'
import type { Answer, ReplayWindow } from './replay-window.ts'
import { type Body, Sender } from './sender.ts'

// More would be a loop gone wild: an agent has a handful of watches and as many writes. A request counts until its answer is out, so
// that this also bounds what waits for a node that reads slowly.
const maxRequests = 64
const maxWatches = 1024
// What waits for a node's credit in all its watches; beyond it the rest waits where it comes from, and is bounded there.
const maxBacklogBytes = 4 * 1024 * 1024
const maxStreams = 64
const maxRequestMs = 60_000
// A page of a list ends here; ten of them a second fill any link that a board has.
const pageBytes = 1024 * 1024
// Half of what a node takes, so that one long answer and one event that are under way together fit.
const maxAnswerBytes = maxMessageBytes.down / 2
// What answers to a node's writes may hold while it does not read; it holds four of the largest objects.
const maxAnswersBytes = 16 * 1024 * 1024
// Of a `bye`, in characters: see its frame.
const maxReason = 512

/** Memory for bodies; `take` answers false when this user may have no more of it now. */
export type Bodies = { take(user: User, bytes: number): boolean; giveBack(user: User, bytes: number): void }

/** What became of a request's body as it came: lost for want of room, or its bytes taken from it. */
type InParts = { readonly isDropped: boolean; readonly taken: number }

export type SessionDeps = {
  readonly node: string
  readonly handler: Handler
  readonly bodies: Bodies
  readonly send: (frame: Uint8Array) => void
  /** `hello` was accepted and the node may be spoken to. */
  readonly onWelcome: () => void
  readonly onBye: (reason: string) => void
  /** The session cannot go on; like a `FrameError` out of `receive`. */
  readonly onFailure: (error: unknown) => void
  /** Signs the CSR of a node that is already trusted. */
  readonly renew: (request: { node: string; csrPem: string }) => Promise<{ certificatePem: string }>
  readonly replays: ReplayWindow
  readonly clock: Clock
  readonly log: Log
}

/**
 * One connection of one node: its frames against the apiserver. `receive` throws a `FrameError` when the session must end; what fails
 * later than that is told by `onFailure`, and never leaves the session. `close` cannot fail.
 */
export function createSession(deps: SessionDeps) {
  const { node, handler, clock, log, replays } = deps
  const user: User = { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] }
  /** Of messages whose last part has not come. */
  let partBytesHeld = 0
  const read = createFrameReader('up', {
    take(bytes) {
      const has = deps.bodies.take(user, bytes)
      if (has) partBytesHeld += bytes
      return has
    },
    giveBack(bytes) {
      partBytesHeld -= bytes
      deps.bodies.giveBack(user, bytes)
    },
  })
  const sender = new Sender({ send: deps.send, windowBytes: defaultWindowBytes, clock })
  const running = new Map<number, AbortController>()
  const streams = new Map<number, { readonly queue: AsyncQueue<Uint8Array>; credit: number }>()
  /** The events of all watches that wait for credit. */
  const waiting = { bytes: 0 }
  let requests = 0
  /** Of answers to writes that wait for the node to read them. */
  let answerBytes = 0
  let watches = 0
  let isOpen = false
  let closed = false
  let lastStream = 0

  const receive = (payload: Uint8Array): void => {
    const message = read(payload)
    if (message === undefined) return
    const { header, body, isDropped = false } = message
    // In parts: its room is taken by now, and the request's to give back.
    const taken = header.n === undefined ? 0 : (body?.length ?? 0)
    partBytesHeld -= taken
    if (header.t !== 'req' || !isOpen) deps.bodies.giveBack(user, taken)
    if (!isOpen) return open(header)
    if (isDropped && header.t !== 'req') throw new FrameError('too-large', `there is no room for a ${header.t} in parts`)
    switch (header.t) {
      case 'req':
        return contain(request(header, body, { isDropped, taken }))
      case 'watch':
        return contain(watch(header))
      case 'read':
        return contain(readStream(header))
      case 'renew':
        return contain(renew(header.id, body))
      case 'ack':
        return sender.acknowledge(header.bytes)
      case 'cancel':
        sender.drop(header.id)
        running.get(header.id)?.abort(new Error('the node cancelled'))
        return sender.pump() // wakes what waits for room
      case 'data':
      case 'end':
        return receiveStream(header, body)
      case 'ping':
        return sender.push({ t: 'pong' })
      case 'pong':
        return
      case 'bye':
        return deps.onBye(header.reason)
      case 'hello':
        throw new FrameError('unexpected', 'a second hello')
      case 'part':
        throw new FrameError('malformed', 'a part without a message')
      default:
        return header satisfies never
    }
  }

  const open = (header: UpHeader): void => {
    if (header.t !== 'hello') throw new FrameError('unexpected', `a session starts with hello, not with ${header.t}`)
    if (header.node !== node) throw new FrameError('wrong-node', `node ${node} said hello as ${header.node}`)
    isOpen = true
    sender.push({ t: 'welcome', v: 1, hubTime: Math.trunc(clock.now()), window: defaultWindowBytes })
    deps.onWelcome()
  }

  const ask = (
    method: Method,
    path: string,
    query: Readonly<Record<string, string>>,
    type: string | undefined,
    body: Uint8Array | undefined,
    signal: AbortSignal,
  ) => {
    let decoded: string
    try {
      decoded = decodeURIComponent(path)
    } catch {
      throw new ApiError('BadRequest', `the path ${path} is not encoded as a URL is`)
    }
    return handler(
      {
        method,
        path: decoded,
        query: new URLSearchParams(query),
        headers: { accept: 'application/json', 'content-type': type, 'user-agent': 'bramble-agent' },
        ...(body !== undefined && { body }),
        pageBytes,
        signal,
      },
      user,
    )
  }

  const request = (header: UpHeader & { t: 'req' }, body: Uint8Array | undefined, { isDropped, taken }: InParts): Promise<void> => {
    const { id, method } = header
    if (requests >= maxRequests) {
      deps.bodies.giveBack(user, taken)
      return respond(id, refusal('TooManyRequests', `node ${node} has ${maxRequests} requests in flight`))
    }
    if (method !== 'GET' && answerBytes >= maxAnswersBytes) {
      deps.bodies.giveBack(user, taken)
      return respond(id, unread(node))
    }
    if (isDropped || (taken === 0 && !deps.bodies.take(user, body?.length ?? 0)))
      return respond(
        id,
        refusal('TooManyRequests', `the hub holds as many request bodies of node ${node} as it has memory for: please try again`),
      )
    requests += 1
    const work = begin(id)
    return deliver(header, work, answer(header, body, work.signal))
  }

  /** Has ended when the answer is there, and with it what held the body: the answer may then wait long for the node to read. */
  const answer = async (header: UpHeader & { t: 'req' }, body: Uint8Array | undefined, signal: AbortSignal): Promise<Answer> => {
    const { method, path, query, type, key } = header
    const run = async (above?: AbortSignal): Promise<Answer> => {
      using deadline = createDeadline(Math.min(header.ms, maxRequestMs), above)
      const within = deadline.signal
      try {
        return answerOf(await orAborted(ask(method, path, query, type, body, within), within))
      } catch (error) {
        if (error instanceof ApiError) return refusal(error.reason, error.message)
        if (deadline.hasPassed) return refusal('Timeout', `the request was not done within ${header.ms} ms`)
        if (!within.aborted) log.error({ node, error }, 'request of a node failed')
        return refusal('InternalError', messageOf(error))
      }
    }
    try {
      // A write with a key goes on when the connection is lost, because the node will ask for its answer again.
      return await (key === undefined ? run(signal) : replays.once(node, `${key} ${method} ${path}`, () => run()))
    } finally {
      deps.bodies.giveBack(user, body?.length ?? 0)
    }
  }

  const deliver = async ({ id, method }: UpHeader & { t: 'req' }, work: AbortController, coming: Promise<Answer>) => {
    let bytes = 0
    try {
      const made = await coming
      // Who cancelled does not wait for it.
      if (work.signal.aborted) return
      // What a read answers is stored anyway; what a write answers is held for its reader alone, once it is overwritten. A write that is
      // done is never told to have been refused: only the next ones are.
      if (method !== 'GET') bytes = made.body.length
      answerBytes += bytes
      await respond(id, made)
    } finally {
      answerBytes -= bytes
      finished(id, work)
      requests -= 1
    }
  }

  const watch = async ({ id, path, query }: UpHeader & { t: 'watch' }) => {
    if (watches >= maxWatches) return finish(id, new ApiError('TooManyRequests', `node ${node} has ${maxWatches} watches open`))
    watches += 1
    const work = begin(id)
    const { signal } = work
    const backlog = new Backlog(waiting)
    sender.addWatch(id, backlog)
    let failure: Body | undefined
    try {
      const response = await orAborted(ask('GET', path, { ...query, watch: 'true' }, undefined, undefined, signal), signal)
      if (response.type !== 'events') failure = answerOf(response).body
      else failure = await follow(response.events, backlog, signal)
    } catch (error) {
      if (!signal.aborted) failure = statusBody(error)
    }
    finished(id, work)
    watches -= 1
    if (signal.aborted) return sender.removeWatch(id)
    sender.endWatch(id, () => ({ t: 'end', id, ...(failure !== undefined && { body: failure }) }))
  }

  /** Answers the `Status` that an ERROR event carries. */
  const follow = async (events: AsyncIterable<RawWatchEvent>, backlog: Backlog, signal: AbortSignal) => {
    for await (const event of events) {
      if (signal.aborted) return undefined
      if (event.type === 'ERROR') return exactJson(event.object)
      // Stored before there was a bound: it costs itself, and not the session.
      if (isLargerThan(event.text, maxAnswerBytes)) {
        log.error({ node, resourceVersion: event.resourceVersion }, 'an object is too large to be sent to a node')
        continue
      }
      backlog.push(event)
      pump()
      while (waiting.bytes > maxBacklogBytes && !signal.aborted) await sender.progress()
    }
    return undefined
  }

  const readStream = async ({ id, path, query }: UpHeader & { t: 'read' }) => {
    if (requests >= maxRequests) return finish(id, new ApiError('TooManyRequests', `node ${node} has ${maxRequests} requests in flight`))
    requests += 1
    const work = begin(id)
    const { signal } = work
    try {
      const response = await orAborted(ask('GET', path, query, undefined, undefined, signal), signal)
      if (response.type === 'stream') await copy(id, response.stream, signal)
      else {
        const { status, body } = answerOf(response)
        if (status >= 400) return tell({ t: 'end', id }, body)
        const bytes = typeof body === 'string' ? Buffer.from(body) : body
        await copy(id, slicesOf(bytes), signal)
      }
      if (!signal.aborted) finish(id)
    } catch (error) {
      if (!signal.aborted) finish(id, error)
    } finally {
      finished(id, work)
      requests -= 1
    }
  }

  const copy = async (id: number, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal) => {
    for await (const chunk of chunks) {
      await sender.room()
      if (signal.aborted) return
      tell({ t: 'data', id }, chunk)
    }
  }

  const renew = async (id: number, body: Uint8Array | undefined) => {
    const answer = async (): Promise<Answer> => {
      try {
        const { certificatePem } = await deps.renew({ node, csrPem: textOf(body) })
        return { status: 200, body: JSON.stringify({ certificatePem }) }
      } catch (error) {
        log.warn({ node, error: messageOf(error) }, 'certificate not renewed')
        return error instanceof ApiError ? refusal(error.reason, error.message) : refusal('InternalError', messageOf(error))
      }
    }
    await respond(id, await answer())
  }

  const receiveStream = (header: UpHeader & { t: 'data' | 'end' }, body: Uint8Array | undefined) => {
    const stream = streams.get(header.id)
    if (stream === undefined) return // closed by us while the bytes were on their way
    if (header.t === 'end') {
      streams.delete(header.id)
      stream.queue.close(body === undefined ? undefined : errorOf(JSON.parse(textOf(body))))
      return
    }
    const chunk = body ?? new Uint8Array()
    stream.credit -= chunk.length
    if (stream.credit < 0 || (chunk.length > 0 && !stream.queue.push(chunk)))
      throw new FrameError('unexpected', `node ${node} sent more of a stream than it had credit for`)
  }

  async function* openStream(request: NodeStreamRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (streams.size >= maxStreams) throw new ApiError('TooManyRequests', `node ${node} has ${maxStreams} streams open`)
    const id = --lastStream
    const queue = new AsyncQueue<Uint8Array>(streamWindowBytes)
    const stream = { queue, credit: streamWindowBytes }
    streams.set(id, stream)
    const onAbort = () => queue.close()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      tell({ t: 'open', id }, JSON.stringify(request))
      let used = 0
      for await (const chunk of queue) {
        yield chunk
        used += chunk.length
        if (used < streamWindowBytes / 4) continue
        stream.credit += used
        tell({ t: 'credit', id, bytes: used })
        used = 0
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (streams.delete(id)) tell({ t: 'cancel', id })
    }
  }

  const begin = (id: number): AbortController => {
    const controller = new AbortController()
    running.get(id)?.abort(new Error('the id was used again'))
    running.set(id, controller)
    return controller
  }
  // Its id may be another's by now.
  const finished = (id: number, work: AbortController) => {
    if (running.get(id) === work) running.delete(id)
  }
  /** Resolves when the answer is out, or will never be. */
  const respond = (id: number, { status, body }: Answer): Promise<void> =>
    new Promise((resolve) => guard(() => sender.push({ t: 'res', id, status }, body, resolve)))
  const tell = (message: DownMessage, body?: Body) => guard(() => sender.push(message, body))
  const finish = (id: number, error?: unknown) => tell({ t: 'end', id }, error === undefined ? undefined : statusBody(error))
  const pump = () => guard(() => sender.pump())
  // Work that ends later runs outside of `receive`; what it cannot send ends the session from here.
  const guard = (act: () => void) => {
    try {
      act()
    } catch (error) {
      deps.onFailure(error)
    }
  }
  const contain = (work: Promise<void>): void => void work.catch(deps.onFailure)

  return {
    node,
    receive,
    openStream,
    get isOpen() {
      return isOpen
    },
    get silentMs() {
      return sender.silentMs
    },
    get watches() {
      return watches
    },
    get streams() {
      return streams.size
    },
    /** Ends everything, saying why if there is a reason. Needs no credit, and does nothing the second time. */
    close(reason?: string): void {
      if (closed) return
      closed = true
      const lost = new ApiError('ServiceUnavailable', `the connection of node ${node} is lost`)
      try {
        if (reason !== undefined) sender.last({ t: 'bye', reason: reason.slice(0, maxReason) })
      } catch {
        // Who cannot be told why hears it by the end of the connection.
      }
      sender.close()
      deps.bodies.giveBack(user, partBytesHeld)
      partBytesHeld = 0
      for (const controller of running.values()) controller.abort(lost)
      for (const { queue } of streams.values()) queue.close(lost)
      streams.clear()
    },
  }
}

export type Session = ReturnType<typeof createSession>

/** The apiserver promises to answer; it does not promise to do so at once when asked to stop. What it then still answers is closed. */
const orAborted = (answer: Promise<ApiResponse>, signal: AbortSignal): Promise<ApiResponse> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    answer.then((response) => signal.aborted && discard(response)).catch(() => {}) // told above
    if (signal.aborted) onAbort()
  })

const answerOf = (response: ApiResponse): Answer => {
  switch (response.type) {
    case 'object':
      return fitting({ status: response.status, body: exactJson(response.object) })
    case 'raw':
      return fitting({ status: response.status, body: response.raw })
    case 'events':
    case 'stream':
      discard(response)
      return refusal('BadRequest', 'this answer is a stream: ask for it with a watch or read frame')
    default:
      return response satisfies never
  }
}

/** An answer that is larger than a message would end the node's session; its asker can do better. */
const fitting = (answer: Answer): Answer => {
  const { body } = answer
  const fits = typeof body === 'string' ? !isLargerThan(body, maxAnswerBytes) : body.length <= maxAnswerBytes
  return fits
    ? answer
    : refusal('RequestEntityTooLarge', `the answer has more than ${maxAnswerBytes} bytes: ask for it in pages, with a limit`)
}

// The codes of what a session itself refuses; everything else comes from the apiserver with its own.
const codes: Partial<Record<StatusReason, number>> = {
  BadRequest: 400,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  TooManyRequests: 429,
  ServiceUnavailable: 503,
  Timeout: 504,
}

const refusal = (reason: StatusReason, message: string): Answer => {
  const status = codes[reason] ?? 500
  return {
    status,
    body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status }),
  }
}

const unread = (node: string): Answer =>
  refusal('TooManyRequests', `node ${node} has ${maxAnswersBytes} bytes of answers to its writes that it has not read: read those first`)

const statusBody = (error: unknown): Body =>
  (error instanceof ApiError ? refusal(error.reason, error.message) : refusal('InternalError', messageOf(error))).body

const slicesOf = function* (bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
}

const textOf = (body: Uint8Array | undefined): string => Buffer.from(body ?? []).toString()
