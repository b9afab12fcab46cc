import { expect, test } from 'vitest'
import { ApiError, isApiError } from '../api/api-error.ts'
import { FrameError } from '../frames/frame.ts'
import { channelWindowBytes, maxChannels, partBytes } from '../frames/limits.ts'
import type { NodeStream, NodeStreamRequest } from './node-stream.ts'
import { bytesOf } from './bytes-of.ts'
import { StreamTable } from './stream-table.ts'
import { createStreamPair, type OnWire } from './testing/stream-pair.ts'

// Of no kind, which may use all channels.
const request = { kind: 'test' } as never
const logs: NodeStreamRequest = {
  ...{ kind: 'logs', namespace: 'default', pod: 'p', podUid: 'u', container: 'c' },
  ...{ follow: false, previous: false, timestamps: false },
}
const { signal } = new AbortController()
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A stream of which the test has both ends. */
const open = (onWire?: (frame: OnWire) => void, isHeld = false) => {
  let served: NodeStream | undefined
  let end: (status?: unknown) => void = () => {}
  const pair = createStreamPair({
    isHeld,
    ...(onWire && { onWire }),
    serve: (_request: never, stream: NodeStream) => ((served = stream), new Promise((resolve) => (end = resolve))),
  })
  const hub = pair.hub.open(request)
  pair.deliver()
  return { pair, hub, node: served as unknown as NodeStream, end: (status?: unknown) => end(status) }
}
const readAll = async (channel: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = []
  for await (const piece of channel) all.push(piece)
  return Buffer.concat(all)
}

test('both sides write and read at once, and each channel keeps its own bytes', async () => {
  const { hub, node, end } = open()
  const [stdin, stdout, stderr] = [readAll(node.channel(0)), readAll(hub.channel(1)), readAll(hub.channel(2))]
  await Promise.all([
    hub.channel(0).write(Buffer.from('question')),
    node.channel(1).write(Buffer.from('answer')),
    node.channel(2).write(Buffer.from('complaint')),
  ])
  hub.channel(0).end()
  expect((await stdin).toString()).toBe('question')
  end()
  expect((await stdout).toString()).toBe('answer')
  expect((await stderr).toString()).toBe('complaint')
})

test('a half that is closed is read to its end, and the other half goes on', async () => {
  const { hub, node, end } = open()
  const echo = (async () => {
    for await (const piece of node.channel(0)) await node.channel(1).write(piece)
    await node.channel(1).write(Buffer.from(' and the end'))
    end()
  })()
  await hub.channel(0).write(Buffer.from('half'))
  hub.channel(0).end()
  await expect(hub.channel(0).write(Buffer.from('more'))).rejects.toThrow('after its end')
  expect((await readAll(hub.channel(1))).toString()).toBe('half and the end')
  await echo
  expect((await hub.closed).status).toBe('Success')
})

test('the status comes after all that was written, and only then is the stream over', async () => {
  const { hub, node, end } = open()
  const written = node.channel(1).write(Buffer.alloc(3 * channelWindowBytes, 'x'))
  const status = { status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } }
  end(status)
  await turn()
  expect(hub.signal.aborted).toBe(false)
  expect(await readAll(hub.channel(1))).toHaveLength(3 * channelWindowBytes)
  await written
  expect(await hub.closed).toEqual(status)
  expect([hub.signal.aborted, node.signal.aborted]).toEqual([true, true])
})

test('a channel that nobody reads holds a window at most and its writer back, and no other channel', async () => {
  let sent = 0
  const { hub, node } = open(({ message, body }) => {
    if (message.t === 'data' && message.ch === undefined) sent += body?.length ?? 0
  })
  let written = 0
  void (async () => {
    for (;;) {
      await node.channel(1).write(Buffer.alloc(10_000))
      written += 10_000
    }
  })().catch(() => {})
  await turn()
  expect(sent).toBe(channelWindowBytes)
  expect(written).toBeLessThanOrEqual(channelWindowBytes)
  expect(written).toBeGreaterThan(channelWindowBytes - 20_000)
  const reader = hub.channel(2)[Symbol.asyncIterator]()
  await node.channel(2).write(Buffer.from('still here'))
  expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('still here')
  hub.abort(new Error('enough'))
})

test('what is read is asked for again, and what nobody reads any more is thrown away rather than in the way', async () => {
  const { hub, node } = open()
  const first = hub.channel(1)[Symbol.asyncIterator]()
  const written = node.channel(1).write(Buffer.alloc(5 * channelWindowBytes))
  await first.next()
  await first.return?.()
  await written
})

test('an abort breaks the stream at once on both sides, whatever waits', async () => {
  const { hub, node } = open()
  const stuck = node.channel(1).write(Buffer.alloc(2 * channelWindowBytes))
  const reading = readAll(node.channel(0))
  hub.abort(new Error('enough'))
  await expect(stuck).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable'))
  await expect(reading).rejects.toThrow('has gone')
  await expect(hub.closed).rejects.toThrow('enough')
  await expect(hub.channel(0).write(Buffer.from('x'))).rejects.toThrow('enough')
  expect(node.signal.aborted).toBe(true)
})

test('a node that aborts is heard with its reason', async () => {
  const { hub, node } = open()
  node.abort(new ApiError('NotFound', 'the container is gone'))
  expect(await hub.closed).toMatchObject({ status: 'Failure', reason: 'NotFound', message: 'the container is gone' })
  await expect(hub.accepted).rejects.toThrow('the container is gone')
})

test('a stream is accepted by the word of the node, by its first bytes or by a good end, and refused by a bad one', async () => {
  const word = open()
  word.node.accept()
  await word.hub.accepted
  const bytes = open()
  await bytes.node.channel(1).write(Buffer.from('x'))
  await bytes.hub.accepted
  const good = open()
  good.end()
  await good.hub.accepted
  const bad = open()
  bad.end({ status: 'Failure', reason: 'BadRequest', message: 'no such container' })
  await expect(bad.hub.accepted).rejects.toThrow('no such container')
  await expect(readAll(bytesOf(bad.hub, signal))).rejects.toSatisfy((error) => isApiError(error, 'BadRequest'))
})

test('a lost connection breaks readers, after what they have, and writers', async () => {
  const { pair, hub, node } = open()
  await node.channel(1).write(Buffer.from('the last words'))
  pair.hub.lose(new ApiError('ServiceUnavailable', 'the connection is lost'))
  const reader = hub.channel(1)[Symbol.asyncIterator]()
  expect(Buffer.from((await reader.next()).value as Uint8Array).toString()).toBe('the last words')
  await expect(reader.next()).rejects.toThrow('the connection is lost')
  expect(pair.hub.size).toBe(0)
})

test('streams take turns by the frame, and channels within each; one that has much holds up none that has little', () => {
  const table = new StreamTable({ side: 'node', say: () => {}, onReady: () => {} })
  const write = (id: number, ch: number, parts: number) =>
    void table
      .begin(id, 'test')
      .channel(ch)
      .write(Buffer.alloc(parts * partBytes))
  write(-1, 1, 9)
  const second = table.begin(-2, 'test')
  for (const ch of [1, 2]) void second.channel(ch).write(Buffer.alloc(2 * partBytes))
  write(-3, 2, 1)
  const order = Array.from({ length: 9 }, () => table.next(partBytes)?.message).map((message) =>
    message?.t === 'data' ? `${message.id}/${message.ch ?? 1}` : message?.t,
  )
  expect(order).toEqual(['-1/1', '-2/1', '-3/2', '-1/1', '-2/2', '-1/1', '-2/1', '-1/1', '-2/2'])
})

test('a side that sends beyond its credit, after its end, on a channel that there is not or with a status that is none is refused', () => {
  const table = (asked: NodeStreamRequest = request) => {
    const made = new StreamTable({ side: 'hub', say: () => {}, onReady: () => {} })
    made.open(asked)
    return made
  }
  const data = (more: object = {}) => ({ t: 'data', id: -1, ...more }) as const
  const over = table()
  for (let sent = 0; sent < channelWindowBytes; sent += partBytes) over.receive(data(), new Uint8Array(partBytes))
  expect(() => over.receive(data(), new Uint8Array(1))).toThrow(FrameError)
  const late = table()
  late.receive(data({ fin: true }), undefined)
  expect(() => late.receive(data(), new Uint8Array(1))).toThrow(FrameError)
  expect(() => table().receive(data({ ch: maxChannels }), new Uint8Array(1))).toThrow(FrameError)
  expect(() => table(logs).receive(data({ ch: 2 }), new Uint8Array(1))).toThrow('the stream has no channel 2')
  expect(() => table().receive({ t: 'end', id: -1 }, Buffer.from('{"status":"Maybe"}'))).toThrow(FrameError)
  expect(() => table().receive({ t: 'end', id: -1 }, Buffer.from('what'))).toThrow(FrameError)
  expect(table().receive({ t: 'data', id: -2 }, new Uint8Array(1))).toBe(false)
  expect(() => table().receive({ t: 'credit', id: -1, bytes: 1 }, undefined)).toThrow('credit was given for more of a stream than was sent')
})

test('bytes that come one by one are held as the few that they are', () => {
  const made = new StreamTable({ side: 'hub', say: () => {}, onReady: () => {} })
  const stream = made.open(request)
  for (let count = 0; count < 5000; count++) made.receive({ t: 'data', id: -1 }, Uint8Array.of(count % 256))
  const reader = stream.channel(1)[Symbol.asyncIterator]()
  return reader.next().then(({ value }) => expect((value as Uint8Array).length).toBeGreaterThan(200))
})

test('whatever is written in whatever pieces, read at whatever pace and whenever the other side is heard, arrives byte for byte and ends', async () => {
  for (let run = 1; run <= 25; run++) {
    let seed = run
    const random = (below: number) => (seed = (seed * 16807) % 2147483647) % below
    const { pair, hub, node, end } = open(({ bytes }) => expect(bytes).toBeLessThan(partBytes + 100), true)
    const numbers = [0, 1, 2, 4].slice(0, 1 + random(4))
    const sent = numbers.map(() => Buffer.from(Uint8Array.from({ length: random(3 * channelWindowBytes) }, () => random(256))))
    const write = async (stream: NodeStream, number: number, bytes: Buffer) => {
      for (let at = 0; at < bytes.length;) {
        const size = 1 + random(5 * partBytes)
        await stream.channel(number).write(bytes.subarray(at, at + size))
        at += size
      }
      stream.channel(number).end()
    }
    const read = async (stream: NodeStream, number: number) => {
      const all: Uint8Array[] = []
      for await (const piece of stream.channel(number)) {
        all.push(Uint8Array.from(piece))
        if (random(3) === 0) await turn()
      }
      return Buffer.concat(all)
    }
    const done = new Set<string>()
    const work = Promise.all(
      numbers.flatMap((number, index) => [
        write(hub, number, sent[index] as Buffer).then(() => done.add(`${number} written`)),
        write(node, number, sent[index] as Buffer).then(() => done.add(`${number} answered`)),
        read(node, number).then((came) => done.add(`${number} read ${came.equals(sent[index] as Buffer)}`)),
        read(hub, number).then((came) => done.add(`${number} heard ${came.equals(sent[index] as Buffer)}`)),
      ]),
    )
    for (let turns = 0; done.size < 4 * numbers.length && turns < 100_000; turns++) {
      pair.deliver(1 + random(4))
      await turn()
    }
    await work
    expect([...done].filter((each) => each.endsWith('false'))).toEqual([])
    end()
    await turn()
    pair.deliver()
    expect((await hub.closed).status).toBe('Success')
    expect([pair.hub.size, pair.node.size]).toEqual([0, 0])
  }
})

test('what is written a little at a time goes together, as much as a frame may have, and each write hears that it went', async () => {
  const table = new StreamTable({ side: 'node', say: () => {}, onReady: () => {} })
  const channel = table.begin(-1, 'test').channel(1)
  const written = Promise.all([1, 2, 3].map((byte) => channel.write(Buffer.alloc(10, byte))))
  const first = table.next(25)
  expect(first?.body).toEqual(Buffer.concat([Buffer.alloc(10, 1), Buffer.alloc(10, 2), Buffer.alloc(5, 3)]))
  const last = table.next(25)
  expect(last?.body).toEqual(Buffer.alloc(5, 3))
  first?.onDone?.()
  last?.onDone?.()
  await written
})
