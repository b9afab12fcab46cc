import type { Account, Handler, User } from '@bramble/shared/api/api-request.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { inOneTurn } from '@bramble/shared/async/in-one-turn.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { type Feature, featuresOf, ownFeatures } from '@bramble/shared/frames/features.ts'
import { createFrameReader } from '@bramble/shared/frames/frame-reader.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import type { DownMessage, UnknownHeader, UpHeader } from '@bramble/shared/frames/headers.ts'
import {
  ackBytes,
  creditBytes,
  defaultWindowBytes,
  maxParts,
  maxStreams,
  partBytes,
  wideWindowBytes,
  windowRoomBytes,
} from '@bramble/shared/frames/limits.ts'
import { Owed } from '@bramble/shared/frames/owed.ts'
import { MessageQueue } from '@bramble/shared/frames/message-queue.ts'
import { Sender } from '@bramble/shared/frames/sender.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { NodeStream, NodeStreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { StreamTable } from '@bramble/shared/streams/stream-table.ts'
import { createWindowRoom, type WindowRoom } from '@bramble/shared/streams/window-room.ts'
import { createAsk } from './ask.ts'
import type { Bodies } from './bodies.ts'
import { createReads } from './reads.ts'
import type { HistoryFor } from './history.ts'
import type { ReplayWindow } from './replay-window.ts'
import { createRequests, type RequestsDeps } from './requests.ts'
import type { SessionParts } from './session-parts.ts'
import { WatchTurns } from './watch-turns.ts'
import { createWatches } from './watches.ts'
import { createSeats, createWorks, maxRequests } from './works.ts'

// Of a `bye`, in characters: see its frame.
const maxReason = 512

export type SessionDeps = {
  readonly node: string
  readonly handler: Handler
  readonly bodies: Bodies
  readonly historyFor: HistoryFor
  /** For the wide windows of all nodes' streams; without it a session has its own room alone. */
  readonly windowRoom?: WindowRoom
  readonly send: (frame: Uint8Array) => void
  /** So many bytes of streams have gone by. */
  readonly onBytes?: (bytes: number) => void
  /** `hello` was accepted and the node may be spoken to. */
  readonly onWelcome: () => void
  readonly onBye: (reason: string) => void
  /** A frame of a type that only a later version knows was left out. */
  readonly onIgnored: (type: string) => void
  /** The session cannot go on; like a `FrameError` out of `receive`. */
  readonly onFailure: (error: unknown) => void
  readonly renew: RequestsDeps['renew']
  readonly replays: ReplayWindow
  readonly clock: Clock
  readonly log: Log
}

/**
 * One connection of one node: its frames against the apiserver. `receive` throws a `FrameError` when the session must end; what fails
 * later than that is told by `onFailure`, and never leaves the session. `close` cannot fail.
 */
export function createSession(deps: SessionDeps) {
  const { node, clock } = deps
  const user: User = { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] }
  const account: Account = { of: 'nodes', name: user.name }
  /** Of messages whose last part has not come. */
  let partBytesHeld = 0
  const read = createFrameReader('up', {
    take(bytes) {
      const has = deps.bodies.take(account, bytes)
      if (has) partBytesHeld += bytes
      return has
    },
    giveBack(bytes) {
      partBytesHeld -= bytes
      deps.bodies.giveBack(account, bytes)
    },
  })
  const guard = (act: () => void) => {
    try {
      act()
    } catch (error) {
      deps.onFailure(error)
    }
  }
  const contain = (work: Promise<void>): void => void work.catch(deps.onFailure)

  const sender = new Sender<DownMessage>({ send: deps.send, clock, windowBytes: defaultWindowBytes, urgentWindows: 5 })
  const turns = new WatchTurns()
  const long = new MessageQueue<DownMessage>()
  const say: SessionParts['say'] = (message, body) => guard(() => sender.push(message, body))
  const streams = new StreamTable({
    side: 'hub',
    say,
    onReady: inOneTurn(() => guard(() => sender.pump())),
    onBytes: deps.onBytes ?? (() => {}),
  })
  // Events are acknowledged when they are worked on, the others when they are there: these must not wait for those.
  sender.addSource(turns, 1)
  sender.addSource(long, 2)
  sender.addSource(streams, 2)

  let features: ReadonlySet<Feature> | undefined
  const works = createWorks()
  const seats = createSeats(maxRequests)
  const takesDeflated = () => features?.has('deflate') === true
  const parts: SessionParts = {
    ...deps,
    account,
    ask: createAsk(deps.handler, { user, account }),
    works,
    seats,
    sender,
    long,
    say,
    guard,
    takesDeflated,
  }
  const requests = createRequests({ ...deps, ...parts })
  const watches = createWatches({ ...parts, turns })
  const readStream = createReads(parts)

  let agent = ''
  let closed = false

  /** What came is here, whatever becomes of it. */
  const owed = new Owed(clock, (bytes) => guard(() => sender.sayNow({ t: 'ack', bytes })))

  /** Answers which part of a frame it was that the hub has called forth itself: by credit for bytes, or by bytes that were to be acknowledged. */
  const receive = (payload: Uint8Array): number => {
    const message = read(payload)
    if (message?.header.t !== 'ack' && features?.has('acks') !== false) owed.add(payload.length)
    if (message === undefined) return 0
    const { header, body, isDropped = false } = message
    // In parts: its room is taken by now, and the request's to give back.
    const taken = header.n === undefined ? 0 : (body?.length ?? 0)
    partBytesHeld -= taken
    if (header.t !== 'req' || features === undefined) deps.bodies.giveBack(account, taken)
    if (features === undefined) open(header)
    else if (isDropped && header.t !== 'req' && header.t !== 'unknown')
      throw new FrameError('too-large', `there is no room for a ${header.t} in parts`)
    else if (header.t === 'data') return streams.receive(header, body) ? shareOf(body?.length ?? 0, partBytes) : 0
    // Nobody can give credit for more than was used, nor acknowledge more than was sent.
    else if (header.t === 'credit') return streams.receive(header, body) ? shareOf(header.bytes, creditBytes) : 0
    else if (header.t === 'ack') {
      sender.acknowledge(header.bytes)
      return shareOf(header.bytes, ackBytes)
    } else dispatch(header, body, { isDropped, taken })
    return 0
  }

  const dispatch = (
    header: Exclude<UpHeader | UnknownHeader, { t: 'data' | 'credit' | 'ack' }>,
    body: Uint8Array | undefined,
    inParts: InParts,
  ): void => {
    switch (header.t) {
      case 'req':
        return contain(requests.request(header, body, inParts))
      case 'watch':
        return contain(watches.watch(header))
      case 'read':
        return contain(readStream(header))
      case 'renew':
        return contain(requests.renew(header.id, body))
      case 'cancel':
        if (header.id < 0) return void streams.receive(header, body)
        requests.cancel(header.id)
        return sender.pump() // wakes what waits for room
      case 'opened':
      case 'end':
        return void streams.receive(header, body)
      case 'ping':
        return sender.push({ t: 'pong' })
      case 'pong':
        return
      case 'bye':
        return deps.onBye(header.reason)
      case 'unknown':
        return deps.onIgnored(header.type)
      case 'hello':
      case 'open':
        throw new FrameError('unexpected', header.t === 'hello' ? 'a second hello' : 'a stream is opened by the hub')
      case 'part':
        throw new FrameError('malformed', 'a part without a message')
      default:
        return header satisfies never
    }
  }

  const open = (header: UpHeader | UnknownHeader): void => {
    if (header.t !== 'hello') throw new FrameError('unexpected', `a session starts with hello, not with ${header.t}`)
    if (header.node !== node) throw new FrameError('wrong-node', `node ${node} said hello as ${header.node}`)
    features = featuresOf(header.features)
    agent = header.agent
    if (features.has('parts')) sender.useParts(maxParts.now)
    if (features.has('streams')) streams.useChannels()
    const isWide = features.has('windows')
    if (isWide) streams.useWindows(createWindowRoom(windowRoomBytes.ofSession, deps.windowRoom))
    if (isWide) sender.useMore(streams, 4)
    if (features.has('lines')) turns.useLines()
    if (features.has('deflate')) turns.useDeflated()
    const window = isWide ? wideWindowBytes : defaultWindowBytes
    sender.push({
      ...{ t: 'welcome', v: 1, hubTime: Math.trunc(clock.now()), window, features: [...ownFeatures] },
      ...(features.has('history') && deps.historyFor(header.lives ?? [])),
    })
    deps.onWelcome()
  }

  return {
    node,
    receive,
    openStream(request: NodeStreamRequest, signal: AbortSignal): NodeStream {
      if (streams.size >= maxStreams) throw new ApiError('TooManyRequests', `node ${node} has ${maxStreams} streams open`)
      const { kind }: { readonly kind: string } = request
      // It would answer with logs, whatever it is asked.
      if (kind !== 'logs' && features?.has('streams') !== true)
        throw new ApiError(
          'MethodNotAllowed',
          `node ${node} runs agent ${agent}, which serves logs and no ${kind}: update the agent of that node`,
        )
      const stream = streams.open(request)
      const onAbort = () => stream.abort(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      stream.signal.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true })
      if (signal.aborted) onAbort()
      return stream
    },
    get isOpen() {
      return features !== undefined
    },
    get silentMs() {
      return sender.silentMs
    },
    get watches() {
      return watches.count
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
        if (reason !== undefined) sender.sayNow({ t: 'bye', reason: reason.slice(0, maxReason) })
      } catch {
        // Who cannot be told why hears it by the end of the connection.
      }
      owed.forget()
      sender.close()
      deps.bodies.giveBack(account, partBytesHeld)
      partBytesHeld = 0
      works.cancelAll(lost)
      streams.lose(lost)
    },
  }
}

const shareOf = (bytes: number, whole: number): number => Math.min(1, bytes / whole)

export type Session = ReturnType<typeof createSession>
type InParts = Parameters<ReturnType<typeof createRequests>['request']>[2]
