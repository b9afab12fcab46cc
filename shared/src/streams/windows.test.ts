import { expect, test } from 'vitest'
import { channelWindowBytes, maxChannelWindowBytes } from '../frames/limits.ts'
import { duplexOf } from './duplex-of.ts'
import type { NodeStream } from './node-stream.ts'
import { createStreamPair } from './testing/stream-pair.ts'
import { createWindowRoom, type WindowRoom } from './window-room.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A node that writes without end to a hub that reads when the test says so, and what is on its way when it does not. */
function open(room?: WindowRoom, readerOf = (hub: NodeStream): AsyncIterator<Uint8Array> => hub.channel(1)[Symbol.asyncIterator]()) {
  let served: NodeStream | undefined
  let sent = 0
  const pair = createStreamPair({
    isHeld: true,
    ...(room && { room }),
    serve: (_request: never, stream: NodeStream) => ((served = stream), new Promise(() => {})),
    onWire: ({ message, body }) => {
      if (message.t === 'data') sent += body?.length ?? 0
    },
  })
  const hub = pair.hub.open({ kind: 'test' } as never) // which may use all channels
  pair.deliver()
  const node = served as unknown as NodeStream // which has been served
  void (async () => {
    for (;;) await node.channel(1).write(Buffer.alloc(64 * 1024))
  })().catch(() => {})
  const reader = readerOf(hub)
  let read = 0
  return {
    hub,
    async read(bytes: number) {
      for (const until = read + bytes; read < until;) {
        const came = { bytes: 0 }
        void reader.next().then(({ value }) => (came.bytes = (value as Uint8Array).length))
        // Something is always on its way, and nothing waits for the reader.
        for (await turn(); came.bytes === 0; await turn()) pair.deliver(1)
        read += came.bytes
      }
      pair.deliver()
      await turn()
      pair.deliver()
    },
    lose: () => pair.hub.lose(new Error('lost')),
    async readAll() {
      while ((await reader.next()).done !== true);
    },
    leave: () => reader.return?.(undefined),
    /** The last that was read is given back when the next is asked for. */
    get ahead() {
      return sent - read
    },
  }
}

test('the window of who is read at pace becomes wider, up to a bound, and holds no more than that when nobody reads', async () => {
  const room = createWindowRoom(4 * maxChannelWindowBytes)
  const stream = open(room)
  await stream.read(channelWindowBytes / 4)
  expect(stream.ahead).toBeLessThanOrEqual(channelWindowBytes)
  await stream.read(32 * channelWindowBytes)
  expect(stream.ahead).toBeGreaterThan(maxChannelWindowBytes / 2)
  expect(stream.ahead).toBeLessThanOrEqual(maxChannelWindowBytes)
})

test('with a side that does not know of it a window stays as it is', async () => {
  const stream = open()
  await stream.read(32 * channelWindowBytes)
  expect(stream.ahead).toBeLessThanOrEqual(channelWindowBytes)
})

test('windows are no wider in all than there is room for, which a stream that ends gives back', async () => {
  const room = createWindowRoom(maxChannelWindowBytes - channelWindowBytes)
  const [first, second] = [open(room), open(room)]
  await first.read(32 * channelWindowBytes)
  await second.read(32 * channelWindowBytes)
  expect(first.ahead).toBeGreaterThan(maxChannelWindowBytes / 2)
  expect(second.ahead).toBeLessThanOrEqual(channelWindowBytes)
  expect(room.take(1)).toBe(false)
  first.hub.abort(new Error('enough'))
  second.hub.abort(new Error('enough'))
  await turn()
  expect(room.take(maxChannelWindowBytes - channelWindowBytes)).toBe(true)
})

test('a stream that is over keeps its room for as long as what came over it waits for a slow reader, or until he leaves', async () => {
  for (const isRead of [true, false]) {
    const room = createWindowRoom(maxChannelWindowBytes - channelWindowBytes)
    const stream = open(room)
    await stream.read(32 * channelWindowBytes)
    stream.lose()
    expect(room.take(1)).toBe(false)
    if (isRead) await expect(stream.readAll()).rejects.toThrow('lost')
    else await stream.leave()
    expect(room.take(maxChannelWindowBytes - channelWindowBytes)).toBe(true)
  }
})

test('a connection that is made of a stream keeps no room when it breaks, whatever it has not read', async () => {
  const room = createWindowRoom(maxChannelWindowBytes - channelWindowBytes)
  const stream = open(room, (hub) => duplexOf(hub, 1).iterator({ destroyOnReturn: false }))
  await stream.read(32 * channelWindowBytes)
  expect(room.take(1)).toBe(false)
  stream.lose()
  await turn()
  await turn()
  expect(room.take(maxChannelWindowBytes - channelWindowBytes)).toBe(true)
})

test('a session has its part of what all have', () => {
  const all = createWindowRoom(100)
  const [one, other] = [createWindowRoom(60, all), createWindowRoom(60, all)]
  expect([one.take(60), one.take(1), other.take(60), other.take(40)]).toEqual([true, false, false, true])
  one.giveBack(60)
  expect([other.take(20), one.take(40)]).toEqual([true, true])
})
