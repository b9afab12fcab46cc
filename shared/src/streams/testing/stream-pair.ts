import { systemClock } from '../../clock.ts'
import { createFrameReader } from '../../frames/frame-reader.ts'
import type { StreamMessage } from '../../frames/headers.ts'
import { Sender } from '../../frames/sender.ts'
import type { NodeStream, NodeStreamRequest, StreamServers } from '../node-stream.ts'
import { statusOfError } from '../stream-status.ts'
import { StreamTable } from '../stream-table.ts'
import type { WindowRoom } from '../window-room.ts'

export type OnWire = {
  readonly to: 'node' | 'hub'
  readonly bytes: number
  readonly message: StreamMessage
  readonly body: Uint8Array | undefined
}

/**
 * Both ends of the streams of a session in one process, with the real frames between them. What was said waits until `deliver`, or goes at
 * once; `onWire` sees it all.
 */
export function createStreamPair({
  serve,
  onWire,
  isHeld = false,
  room,
}: {
  readonly serve: (request: never, stream: NodeStream) => Promise<unknown>
  readonly onWire?: (frame: OnWire) => void
  readonly isHeld?: boolean
  /** Both know that windows may be widened. */
  readonly room?: WindowRoom
}) {
  const wire: { readonly to: 'node' | 'hub'; readonly frame: Uint8Array }[] = []
  let isDelivering = false
  const deliver = (most = Infinity) => {
    if (isDelivering) return
    isDelivering = true
    try {
      for (let count = 0; count < most; count++) {
        const next = wire.shift()
        if (next === undefined) return
        take(next.to, next.frame)
      }
    } finally {
      isDelivering = false
    }
  }
  const send = (to: 'node' | 'hub') => (frame: Uint8Array) => {
    wire.push({ to, frame: Uint8Array.from(frame) })
    if (!isHeld) deliver()
  }
  const side = (own: 'node' | 'hub') => {
    const sender = new Sender<StreamMessage>({
      send: send(own === 'hub' ? 'node' : 'hub'),
      clock: systemClock,
      windowBytes: Infinity,
      urgentWindows: Infinity,
    })
    const table: StreamTable = new StreamTable({
      side: own,
      say: (message, body) => sender.push(message, body),
      onReady: () => sender.pump(),
    })
    table.useChannels()
    if (room !== undefined) table.useWindows(room)
    sender.addSource(table, 1)
    return table
  }
  const [hub, node] = [side('hub'), side('node')]
  const read = { hub: createFrameReader('up'), node: createFrameReader('down') }
  const take = (to: 'node' | 'hub', frame: Uint8Array) => {
    const came = read[to](frame)
    if (came === undefined) return
    const message = came.header as StreamMessage // nothing else is said
    onWire?.({ to, bytes: frame.length, message, body: came.body })
    if (message.t !== 'open') return void (to === 'hub' ? hub : node).receive(message, came.body)
    const request = JSON.parse(Buffer.from(came.body ?? []).toString()) as { readonly kind: string } // ours
    const stream = node.begin(message.id, request.kind)
    void serve(request as never, stream).then(
      (status) => stream.close((status as undefined) ?? undefined),
      (error: unknown) => stream.close(statusOfError(error)),
    )
  }
  return { hub, node, deliver, waiting: () => wire.length }
}

/** The hub's end of a stream that such a server serves. */
export function servedBy<K extends keyof StreamServers>(
  serve: NonNullable<StreamServers[K]>,
  request: Parameters<NonNullable<StreamServers[K]>>[0],
  signal = new AbortController().signal,
): NodeStream {
  const stream = createStreamPair({ serve: serve as (request: never, stream: NodeStream) => Promise<unknown> }).hub.open(
    request as NodeStreamRequest, // one of a kind is one
  )
  const onAbort = () => stream.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return stream
}
