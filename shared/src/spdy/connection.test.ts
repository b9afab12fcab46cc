import { duplexPair } from './testing/duplex-pair.ts'
import { constants, createDeflate, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SpdyConnection } from './connection.ts'
import { dictionary, dictionaryId } from './dictionary.ts'
import { controlFrame, createFrameCutter, dataHead, finFlag, type Frame, kinds, words } from './frame.ts'
import { createHeaderReader, createHeaderWriter, type SpdyHeaders } from './header-block.ts'
import type { SpdyStream } from './spdy-stream.ts'

const dataFrame = (stream: number, bytes: Uint8Array, isLast: boolean) => Buffer.concat([dataHead(stream, bytes.length, isLast), bytes])

const textOf = async (from: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of from) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Two ends that speak with each other; `onStream` hears what the server is asked for. */
function connected(onStream: (stream: SpdyStream) => void, maxStreams = 10) {
  const [ours, theirs] = duplexPair()
  const client = new SpdyConnection({ transport: ours, side: 'client' })
  const server = new SpdyConnection({ transport: theirs, side: 'server', maxStreams, onStream })
  const ran = Promise.allSettled([client.run(), server.run()])
  return { client, server, ran }
}

/** A server that is told these very bytes, and what it answers. */
async function toldTo(
  bytes: readonly Uint8Array[],
  deps: { readonly maxStreams?: number; readonly onStream?: (stream: SpdyStream) => void } = {},
) {
  const [ours, theirs] = duplexPair()
  const server = new SpdyConnection({ transport: theirs, side: 'server', maxStreams: 10, onStream: () => {}, ...deps })
  const cut = createFrameCutter()
  const answered: Frame[] = []
  const heard = (async () => {
    for await (const chunk of ours) answered.push(...cut(chunk as Uint8Array))
  })()
  const ran = server.run().then(
    () => 'over',
    (error: Error) => error.message,
  )
  for (const each of bytes) ours.write(each)
  ours.end()
  const outcome = await ran
  theirs.end()
  await heard.catch(() => {})
  return { outcome, answered: answered.map((frame) => (frame.type === 'control' ? { kind: frame.kind, body: [...frame.body] } : frame)) }
}

const synStream = (id: number, block: Uint8Array, flags = 0) =>
  controlFrame(kinds.synStream, flags, words([id, 0], Buffer.concat([new Uint8Array(2), block])))

describe('the dictionary of SPDY/3', () => {
  it('has the checksum by which both sides name it', () => {
    let [a, b] = [1, 0]
    for (const byte of dictionary) b = (b + (a = (a + byte) % 65_521)) % 65_521
    expect(b * 65_536 + a).toBe(dictionaryId)
  })
})

describe('headers', () => {
  it('are read as they were written, block after block', async () => {
    const [write, reader] = [createHeaderWriter(), createHeaderReader()]
    const all: readonly SpdyHeaders[] = [
      { streamtype: 'error', port: '8080' },
      {},
      { streamtype: 'data', requestid: '1', long: 'x'.repeat(9000) },
    ]
    for (const headers of all) expect(await reader.read(write(headers))).toEqual(headers)
    reader.close()
  })

  it('that zlib has packed are read too', async () => {
    const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
    const reader = createHeaderReader()
    const plain = Buffer.concat([words([1, 10]), Buffer.from('streamtype'), words([5]), Buffer.from('stdin')])
    for (let block = 0; block < 3; block++) {
      const packed = await new Promise<Buffer>((resolve) => {
        deflate.once('data', resolve)
        deflate.write(plain)
      })
      expect(await reader.read(packed)).toEqual({ streamtype: 'stdin' })
    }
    reader.close()
  })

  it.each([
    ['no zlib', Buffer.from('nonsense, more of it')],
    ['another dictionary', Buffer.from([0x78, 0xbb, 1, 2, 3, 4, 0, 0, 0, 0xff, 0xff])],
  ])('that are %s are refused', async (_, block) => {
    const reader = createHeaderReader()
    await expect(reader.read(block)).rejects.toThrow('headers are not packed')
    await expect(reader.read(block)).rejects.toThrow('headers are not packed')
  })

  it('that unpack to more than anybody sends are refused before they are there', async () => {
    const packed = deflateSync(Buffer.alloc(10_000_000), { dictionary })
    await expect(createHeaderReader().read(packed)).rejects.toThrow('more than 16384 bytes')
  })
})

describe('a connection', () => {
  it('carries streams both ways, each with its own ends', async () => {
    const { client, ran } = connected((stream) => {
      void (async () => {
        await stream.write(Buffer.from(`${stream.headers['streamtype']}: `))
        await stream.write(Buffer.from((await textOf(stream)).toUpperCase()))
        stream.end()
      })()
    })
    const [a, b] = [client.open({ streamtype: 'a' }), client.open({ streamtype: 'b' })]
    await a.write(Buffer.from('one'))
    await b.write(Buffer.from('two'))
    a.end()
    expect(await textOf(a)).toBe('a: ONE')
    b.end()
    expect(await textOf(b)).toBe('b: TWO')
    client.close()
    await ran
  })

  it('holds up who writes to a stream that nobody reads, and goes on when it is read', async () => {
    let served: SpdyStream | undefined
    const { client, ran } = connected((stream) => (served = stream))
    const stream = client.open({})
    let written = 0
    const writing = (async () => {
      for (; written < 200; written++) await stream.write(Buffer.alloc(32 * 1024, written))
      stream.end()
    })()
    // As often as it takes to write all of it, if nobody held it up.
    for (let turn = 0; turn < 5000; turn++) await new Promise(setImmediate)
    expect(written).toBeLessThan(30)
    let bytes = 0
    for await (const piece of served as SpdyStream) bytes += piece.length
    await writing
    expect(bytes).toBe(200 * 32 * 1024)
    client.close()
    await ran
  })

  it('that is lost ends the streams of both sides with an error, and what has come is still read', async () => {
    let tell: (stream: SpdyStream) => void = () => {}
    const served = new Promise<SpdyStream>((resolve) => (tell = resolve))
    const { client, server, ran } = connected((stream) => tell(stream))
    const stream = client.open({})
    await stream.write(Buffer.from('last words'))
    const read = (await served)[Symbol.asyncIterator]()
    expect(Buffer.from((await read.next()).value ?? []).toString()).toBe('last words')
    server.destroy()
    await expect(read.next()).rejects.toThrow('closed')
    await expect(textOf(stream)).rejects.toThrow('closed')
    await expect(stream.write(Buffer.from('x'))).rejects.toThrow('closed')
    await ran
  })

  it('a stream that is reset ends alone', async () => {
    const { client, ran } = connected((stream) => (stream.headers['bad'] === 'yes' ? stream.reset() : stream.end()))
    const [bad, good] = [client.open({ bad: 'yes' }), client.open({})]
    await expect(textOf(bad)).rejects.toThrow('reset the stream')
    expect(await textOf(good)).toBe('')
    client.close()
    await ran
  })

  it('refuses more streams than it may have', async () => {
    const write = createHeaderWriter()
    const { answered } = await toldTo([synStream(1, write({})), synStream(3, write({})), synStream(5, write({}))], { maxStreams: 2 })
    expect(answered).toContainEqual({ kind: kinds.rstStream, body: [0, 0, 0, 5, 0, 0, 0, 3] })
  })

  it('answers pings of the other side, and none of its own', async () => {
    const { answered } = await toldTo([controlFrame(kinds.ping, 0, words([7])), controlFrame(kinds.ping, 0, words([8]))])
    expect(answered).toEqual([{ kind: kinds.ping, body: [0, 0, 0, 7] }])
  })

  it.each<[string, () => readonly Uint8Array[], string]>([
    ['another version', () => [Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])], 'version 2'],
    ['HTTP', () => [Buffer.from(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(100)}\r\n\r\n`)], ''],
    ['a long control frame', () => [Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])], 'control frame may have'],
    ['a short control frame', () => [controlFrame(kinds.rstStream, 0, Buffer.from([1]))], 'too short'],
    ['a stream of the wrong kind', () => [synStream(2, createHeaderWriter()({}))], 'may not be opened'],
    [
      'a stream twice',
      () => {
        const write = createHeaderWriter()
        return [synStream(3, write({})), synStream(3, write({}))]
      },
      'may not be opened',
    ],
    [
      'bytes after their end',
      () => [synStream(1, createHeaderWriter()({}), finFlag), dataFrame(1, Buffer.from('more'), false)],
      'came after its end',
    ],
    ['headers that are none', () => [synStream(1, Buffer.from('xxxxxxxxxxxx'))], 'not packed'],
  ])('that says %s is ended with a goodbye', async (_, bytes, why) => {
    const { outcome, answered } = await toldTo(bytes())
    if (why === '') return expect(answered).toEqual([{ kind: kinds.rstStream, body: [0x47, 0x45, 0x54, 0x20, 0, 0, 0, 2] }])
    expect(outcome).toContain(why)
    expect(answered.at(-1)).toMatchObject({ kind: kinds.goAway })
  })

  it('whatever comes neither throws past its reader nor stays open', async () => {
    const random = seeded(11)
    for (let round = 0; round < 300; round++) {
      const write = createHeaderWriter()
      const good = Buffer.concat([
        synStream(1, write({ streamtype: 'error' })),
        dataFrame(1, Buffer.alloc(random(50), 1), false),
        synStream(3, write({ streamtype: 'data' })),
        controlFrame(kinds.ping, 0, words([1])),
        dataFrame(3, Buffer.alloc(random(50), 1), random(2) === 0),
        controlFrame(kinds.rstStream, 0, words([1, 5])),
      ])
      for (let flips = random(6); flips > 0; flips--) good[random(good.length)] = random(256)
      const at = random(good.length)
      const read: Promise<unknown>[] = []
      const { outcome } = await toldTo([good.subarray(0, at), good.subarray(at)], {
        onStream: (stream) => void read.push(textOf(stream).catch(() => '')),
      })
      expect(outcome).toEqual(expect.any(String))
      await Promise.all(read)
    }
  })
})

/** The same numbers for the same seed, below what is asked for. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}
