import { setMaxListeners } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import {
  channelWindowBytes,
  defaultWindowBytes,
  largePartBytes,
  maxStreams,
  partBytes,
  wideWindowBytes,
} from '@bramble/shared/frames/limits.ts'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import { channels, type NodeStream, type ServeNodeStream } from '@bramble/shared/streams/node-stream.ts'
import { createTestCa } from './certificates.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'
import { startSlowLink } from './slow-link.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const ca = createTestCa()
const { signal } = new AbortController()
setMaxListeners(0, signal) // of all streams of a test
const { stdin, stdout, stderr, resize } = channels

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/** Of no kind that there is, so that it may use all channels; `container` says to the test's server what to do. */
const asking = (container: string) => ({ kind: 'test', container }) as never
const setUp = async (serve: ServeNodeStream<'logs'>, handler: Handler = createSmallApi().handler, bytesPerSecond?: number) => {
  const hub = keep(await startHub(handler, { ca }))
  const slow = keep(await startSlowLink(hub.port, bytesPerSecond))
  const node = keep(startNode('pi-1', { ca, port: slow.port }, { servers: { test: serve } as never }))
  await until(() => node.link.isConnected(), 'connected')
  return { hub, node, slow, open: (container = '') => hub.gateway.openNodeStream('pi-1', asking(container), signal) }
}
const readAll = async (source: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = []
  for await (const piece of source) all.push(piece)
  return Buffer.concat(all)
}
/** All bytes there are, in an order that no text has. */
const binary = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 255))
const write = (stream: NodeStream, channel: number, text: string) => stream.channel(channel).write(Buffer.from(text))

test('both directions at once carry any bytes whole, until one half is closed and the other has said the rest', async () => {
  const { open } = await setUp(async (_request, stream) => {
    for await (const piece of stream.channel(stdin)) await stream.channel(stdout).write(piece)
    await write(stream, stderr, 'stdin has ended')
    return { status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } }
  })
  const stream = open()
  const sent = binary(3_000_000)
  const [echo, complaint] = [readAll(stream.channel(stdout)), readAll(stream.channel(stderr))]
  await stream.channel(stdin).write(sent)
  stream.channel(stdin).end()
  expect((await echo).equals(sent)).toBe(true)
  expect((await complaint).toString()).toBe('stdin has ended')
  expect(await stream.closed).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '7' }] } })
})

test('a resize is heard while standard input is stuck, and a reader who does not read holds back nobody else', async () => {
  const { node, open } = await setUp(async (_request, stream) => {
    for await (const size of stream.channel(resize)) await stream.channel(stdout).write(size)
  })
  const [stuck, other] = [open(), open()]
  let written = 0
  const typing = (async () => {
    for (;;) {
      await stuck.channel(stdin).write(binary(10_000))
      written += 10_000
    }
  })()
  typing.catch(() => {})
  await write(stuck, resize, '{"Width":80}')
  for await (const piece of stuck.channel(stdout)) {
    expect(Buffer.from(piece).toString()).toBe('{"Width":80}')
    break
  }
  expect(written).toBeLessThanOrEqual(channelWindowBytes)
  await write(other, resize, 'other')
  other.channel(resize).end()
  expect((await readAll(bytesOf(other, signal))).toString()).toBe('other')
  expect((await node.link.client.list(pods)).items).toEqual([])
  stuck.abort(new Error('enough'))
  await expect(typing).rejects.toThrow('enough')
})

test('an abort in the middle of both directions ends both sides, and the next stream is whole', async () => {
  const ends: string[] = []
  const { hub, open } = await setUp(async ({ container }, stream) => {
    if (container === 'whole') return write(stream, stdout, 'whole')
    const reading = readAll(stream.channel(stdin)).catch((error: unknown) => ends.push(`reader: ${String(error)}`))
    try {
      for (;;) await stream.channel(stdout).write(binary(50_000))
    } catch (error) {
      ends.push(`writer: ${String(error)}`)
      throw error
    } finally {
      await reading
    }
  })
  const stream = open()
  void (async () => {
    for (;;) await stream.channel(stdin).write(binary(50_000))
  })().catch(() => {})
  let came = 0
  await expect(
    (async () => {
      for await (const piece of stream.channel(stdout)) if ((came += piece.length) > 1_000_000) stream.abort(new Error('seen enough'))
    })(),
  ).rejects.toThrow('seen enough')
  await until(() => ends.length === 2, 'both halves of the node end')
  expect(ends.every((end) => end.includes('has gone'))).toBe(true)
  expect(hub.gateway.stats.streams).toBe(0)
  expect((await readAll(bytesOf(open('whole'), signal))).toString()).toBe('whole')
})

test('a link that is cut ends a stream with a clear error on both sides', async () => {
  let end: unknown
  const { slow, open } = await setUp(async (_request, stream) => {
    stream.accept()
    await stream.closed.catch((error: unknown) => (end = error))
  })
  const stream = open()
  await stream.accepted
  slow.cut()
  await expect(stream.closed).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable') && /pi-1 is lost/.test(error.message))
  await until(() => end !== undefined, 'the node hears of it')
  expect(String(end)).toContain('the connection to the hub was lost')
})

/** What came at the hub of the streams that say much. */
const endless: ServeNodeStream<'logs'> = async ({ container }, stream) => {
  if (container !== 'bulk') {
    for await (const line of stream.channel(stdin)) await stream.channel(stdout).write(line)
    return
  }
  for (;;) await stream.channel(stdout).write(binary(64 * 1024))
}
const countBulk = (streams: readonly NodeStream[]) => {
  const bulk = { bytes: 0 }
  for (const stream of streams)
    void (async () => {
      for await (const piece of stream.channel(stdout)) bulk.bytes += piece.length
    })().catch(() => {})
  return bulk
}

test('what a node says passes ten streams of bulk: no more than a wide window of theirs is ahead of it', async () => {
  let bulk = { bytes: 0 }
  let atRequest = -1
  const api = createSmallApi()
  const { node, slow, open } = await setUp(endless, async (request, caller) => {
    if (request.path.endsWith('/heartbeat')) atRequest = bulk.bytes
    return api.handler(request, caller)
  })
  bulk = countBulk(Array.from({ length: 10 }, () => open('bulk')))
  await until(() => bulk.bytes > 4_000_000, 'they flow')
  slow.hold('node')
  // Each has a credit of its own, ten windows together; what may be said has been said when nothing more comes.
  await stillness(() => bulk.bytes)
  const atHold = bulk.bytes
  const beat = node.link.client.get(pods, { namespace: 'default', name: 'heartbeat' }).catch(() => {})
  await turns()
  slow.goOn('node')
  await beat
  expect(atRequest).toBeGreaterThan(-1)
  expect(atRequest - atHold).toBeLessThanOrEqual(wideWindowBytes + largePartBytes)
})
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}
/** Waits until what is on its way has come. */
const stillness = async (figure: () => number) => {
  for (let before = -1; before !== figure();) {
    before = figure()
    await turns()
  }
}

test('fifty streams that say a line each come beside ten that say all they can: what is on its way is ahead of them, and a round of turns', async () => {
  const { slow, open } = await setUp(endless)
  const lines = Array.from({ length: 50 }, () => open())
  const bulk = countBulk(Array.from({ length: 10 }, () => open('bulk')))
  await until(() => bulk.bytes > 4_000_000, 'they flow')
  slow.hold('node')
  await stillness(() => bulk.bytes)
  const atHold = bulk.bytes
  const seen: number[] = []
  const heard = lines.map(async (stream) => {
    await stream.channel(stdout)[Symbol.asyncIterator]().next()
    seen.push(bulk.bytes)
  })
  // Towards the node the link goes on: each has its line, and answers it, while nothing of it comes here.
  await Promise.all(lines.map((stream) => write(stream, stdin, 'x')))
  await turns()
  slow.goOn('node')
  await Promise.all(heard)
  expect(Math.max(...seen) - atHold).toBeLessThanOrEqual(wideWindowBytes + 2 * 10 * largePartBytes)
})

test('what the hub says passes bulk for a node: a short answer waits for no more than a wide window', async () => {
  let came = 0
  let atAnswer = -1
  const { node, slow, open } = await setUp(async (_request, stream) => {
    for await (const piece of stream.channel(stdin)) came += piece.length
  })
  for (const stream of Array.from({ length: 10 }, () => open()))
    void (async () => {
      for (;;) await stream.channel(stdin).write(binary(64 * 1024))
    })().catch(() => {})
  await until(() => came > 4_000_000, 'they flow')
  slow.hold('hub')
  await stillness(() => came)
  const atHold = came
  const answer = node.link.client.list(pods).then(() => (atAnswer = came))
  await turns()
  slow.goOn('hub')
  await answer
  expect(atAnswer - atHold).toBeLessThanOrEqual(wideWindowBytes + 2 * largePartBytes)
})

test('no frame carries more than 64 KiB, also of what is megabytes, and none more than 16 before the link has proved to be fast', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const raw = await rawNode(hub, 'raw')
  keep({ stop: raw.end })
  raw.hello('raw', ['streams', 'parts', 'acks'])
  await until(() => hub.gateway.connectedNodes().includes('raw'), 'connected')
  const stream = hub.gateway.openNodeStream('raw', asking(''), signal)
  stream
    .channel(stdin)
    .write(binary(200_000))
    .catch(() => {})
  const name = 'large'
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations: { filler: 'x'.repeat(2_500_000) } } })
  raw.say({ t: 'req', id: 1, method: 'POST', path: '/api/v1/namespaces/default/pods', query: {}, ms: 60_000 }, body)
  let acknowledged = 0
  await until(() => {
    for (; acknowledged < raw.received.length; acknowledged++) {
      const { header, bytes } = raw.received[acknowledged] as (typeof raw.received)[number]
      if (header.t !== 'ack') raw.say({ t: 'ack', bytes })
    }
    return raw.received.reduce((sum, { bytes }) => sum + bytes, 0) > 2_700_000
  }, 'the answer is here in many parts')
  const largest = (frames: typeof raw.received) => Math.max(...frames.map(({ bytes }) => bytes))
  // The first were on their way before anything was acknowledged.
  const first = raw.received.filter(({ header }) => header.t === 'data').slice(0, 8)
  expect(first).toHaveLength(8)
  expect(largest(first)).toBeLessThan(partBytes + 200)
  expect(largest(raw.received)).toBeLessThan(largePartBytes + 200)
})

test('a kind that the agent does not know, and one stream too many, are refused by name', async () => {
  const { hub, open } = await setUp(async (_request, stream) => void (await stream.closed))
  const exec = hub.gateway.openNodeStream('pi-1', { kind: 'exec' } as never, signal)
  await expect(exec.accepted).rejects.toThrow('the agent of this node serves streams of test and no exec: update it')
  await expect(exec.closed).resolves.toMatchObject({ status: 'Failure', reason: 'MethodNotAllowed' })
  for (let count = 0; count < maxStreams; count++) open()
  expect(() => open()).toThrow(new ApiError('TooManyRequests', 'node pi-1 has 64 streams open'))
})

const well: ServeNodeStream<'logs'> = (_request, stream) => write(stream, stdout, 'well')
/** A node with one stream open that does as it likes. */
const rude = async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const healthy = keep(startNode('pi-1', hub, { servers: { test: well } as never }))
  await until(() => healthy.link.isConnected(), 'the healthy node is connected')
  const evil = await rawNode(hub, 'evil')
  keep({ stop: evil.end })
  evil.hello('evil', ['streams', 'parts', 'acks'])
  await until(() => hub.gateway.connectedNodes().includes('evil'), 'the other too')
  return { hub, evil, stream: hub.gateway.openNodeStream('evil', asking(''), signal) }
}
type Evil = Awaited<ReturnType<typeof rawNode>>

test.each<[string, (evil: Evil) => void, string]>([
  [
    'more than it has credit for',
    ({ say }) => {
      for (let sent = 0; sent <= channelWindowBytes; sent += partBytes) say({ t: 'data', id: -1 }, binary(partBytes))
    },
    'unexpected',
  ],
  [
    'more than it has credit for on another channel',
    ({ say }) => {
      for (let sent = 0; sent <= channelWindowBytes; sent += partBytes) say({ t: 'data', id: -1, ch: 5 }, binary(partBytes))
    },
    'unexpected',
  ],
  ['on a channel that there is not', ({ say }) => say({ t: 'data', id: -1, ch: 8 }, 'x'), 'malformed'],
  ['after the end of a channel', ({ say }) => (say({ t: 'data', id: -1, fin: true }), say({ t: 'data', id: -1 }, 'x')), 'unexpected'],
  ['a status that is none', ({ say }) => say({ t: 'end', id: -1 }, '{"status":7}'), 'malformed'],
  ['a stream of its own', ({ say }) => say({ t: 'open', id: 7 }, '{"kind":"logs"}'), 'unexpected'],
])('a node that sends %s ends its session alone, and the reader hears of it', async (_what, act, refusal) => {
  const { hub, evil, stream } = await rude()
  act(evil)
  expect(await evil.closed).toBe('closed')
  await expect(stream.closed).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable'))
  expect(hub.gateway.refusals.get(refusal)).toBe(1)
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
  expect((await readAll(bytesOf(hub.gateway.openNodeStream('pi-1', asking(''), signal), signal))).toString()).toBe('well')
})

test('what a node says of streams that there are not, and of a reason that nobody knows, harms nothing', async () => {
  const { hub, evil, stream } = await rude()
  evil.say({ t: 'data', id: -9 }, 'x')
  evil.say({ t: 'credit', id: -9, bytes: 5 })
  evil.say({ t: 'end', id: -9 })
  evil.say({ t: 'cancel', id: -9 })
  evil.say({ t: 'opened', id: 3 })
  evil.say({ t: 'end', id: -1 }, '{"status":"Failure","reason":"constructor","message":"odd"}')
  await expect(readAll(bytesOf(stream, signal))).rejects.toSatisfy((error) => isApiError(error, 'InternalError') && error.message === 'odd')
  expect(hub.gateway.connectedNodes()).toEqual(['evil', 'pi-1'])
})

test('frames of types that only a later version knows are left out and counted, on the hub and on the node', async () => {
  const { hub, evil } = await rude()
  evil.say({ t: 'teleport', where: 'moon' } as never, 'body')
  evil.say({ t: 'teleport' } as never, binary(3 * partBytes))
  evil.say({ t: 'req', id: 1, method: 'GET', path: '/api/v1/pods', query: {}, ms: 60_000 })
  await until(() => evil.received.some(({ header }) => header.t === 'res'), 'the session goes on')
  expect(hub.gateway.stats.ignoredFrames).toBe(2)
  expect(hub.gateway.refusals.size).toBe(0)
})

test('ten streams that never end have no more ahead of what a node says than a slow link carries in a second or so', async () => {
  const api = createSmallApi()
  let link: { fromNode(): number } | undefined
  let atRequest = 0
  const handler: Handler = async (request, caller) => {
    atRequest = link?.fromNode() ?? 0
    return api.handler(request, caller)
  }
  const { node, slow, open } = await setUp(endless, handler, 64_000)
  link = slow
  const heard = countBulk(Array.from({ length: 10 }, () => open('bulk')))
  // Its pace is known by then.
  await until(() => heard.bytes > 2 * defaultWindowBytes, 'they flow')
  for (let count = 0; count < 3; count += 1) {
    const asked = slow.fromNode()
    await node.link.client.list(pods)
    expect(atRequest - asked).toBeLessThan(defaultWindowBytes / 2)
  }
})
