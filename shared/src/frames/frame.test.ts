import { describe, expect, test } from 'vitest'
import { spentBuffers } from '../process/spent-buffers.ts'
import { createFrameReader } from './frame-reader.ts'
import { FrameError, frames, framing } from './frame.ts'
import { isLazy, isOfStream, lazy, lazyAck } from './lazy.ts'
import type { DownMessage, UpMessage } from './headers.ts'
import { maxFrameBytes, maxMessageBytes, maxParts, partBytes } from './limits.ts'

const counter = (from = 0) => {
  let number = from
  return () => ++number
}
const bytes = (text: string) => Buffer.from(text)
const refusalOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof FrameError) return error.refusal
    throw error
  }
  return 'accepted'
}

describe('a message comes out as it went in', () => {
  const up: [UpMessage, string | undefined][] = [
    [{ t: 'hello', v: 1, node: 'pi-1', agent: '0.1.0', boot: 'b', mono: 5, clock: 0 }, undefined],
    [
      {
        t: 'req',
        id: 1,
        method: 'PATCH',
        path: '/api/v1/nodes/pi-1/status',
        query: {},
        type: 'application/merge-patch+json',
        ms: 100,
        key: 'k',
      },
      '{"a":1}',
    ],
    [{ ...lazy, id: 1, method: 'GET', path: '/', query: {}, ms: 100 }, undefined],
    [{ ...lazyAck, bytes: 7 }, undefined],
    [{ t: 'watch', id: 2, path: '/api/v1/pods', query: { watch: 'true', fieldSelector: 'spec.nodeName=pi-1' } }, undefined],
    [{ t: 'ack', bytes: 77 }, undefined],
    [{ t: 'data', id: -1 }, 'bytes with\na newline\n'],
    [{ t: 'data', id: -1 }, ''],
    [{ t: 'bye', reason: 'stopping' }, undefined],
  ]
  test.each(up)('up %j', (message, body) => {
    const [frame] = frames(message, body === undefined ? undefined : bytes(body), counter())
    const read = createFrameReader('up')(frame as Uint8Array)
    expect(read?.header).toEqual({ ...message, q: 1 })
    expect(isLazy(frame as Uint8Array)).toBe('lazy' in message)
    expect(isOfStream(frame as Uint8Array)).toBe('id' in message && message.id < 0)
    expect(read?.body && Buffer.from(read.body).toString()).toEqual(body)
  })
  const down: [DownMessage, string | undefined][] = [
    [{ t: 'welcome', v: 1, hubTime: 5, window: 262144 }, undefined],
    [{ t: 'res', id: 1, status: 200 }, '{}'],
    [{ t: 'ev', id: 2 }, '{"type":"ADDED","object":{}}'],
    [{ t: 'open', id: -1 }, '{"kind":"logs"}'],
    [{ t: 'credit', id: -1, bytes: 10 }, undefined],
    [{ t: 'data', id: -1, ch: 0, fin: true }, undefined],
  ]
  test.each(down)('down %j', (message, body) => {
    const [frame] = frames(message, body === undefined ? undefined : bytes(body), counter())
    const read = createFrameReader('down')(frame as Uint8Array)
    expect(read?.header).toEqual({ ...message, q: 1 })
    expect(read?.body && Buffer.from(read.body).toString()).toEqual(body)
  })
})

test('a large body goes in parts of bounded size and is put together again, also interleaved with another', () => {
  const next = counter()
  const large = Buffer.alloc(3 * partBytes + 17, 'x')
  const other = Buffer.alloc(2 * partBytes + 1, 'y')
  const first = frames({ t: 'res', id: 1, status: 200 }, large, next)
  const second = frames({ t: 'res', id: 2, status: 200 }, other, next)
  const read = createFrameReader('down')
  const whole: [number, number][] = []
  for (let turn = 0, open = 2; open > 0; turn++) {
    const { done, value } = (turn % 2 === 0 ? first : second).next()
    if (done) {
      open -= 1
      continue
    }
    expect(value.length).toBeLessThanOrEqual(maxFrameBytes)
    const message = read(value)
    if (message?.header.t === 'res') whole.push([message.header.id, message.body?.length ?? 0])
  }
  expect(whole.sort()).toEqual([
    [1, large.length],
    [2, other.length],
  ])
})

describe('a frame that is wrong is refused by name', () => {
  const reader = () => createFrameReader('up')
  const ping = (q: number) => bytes(JSON.stringify({ t: 'ping', q }))
  test.each<[string, Uint8Array[], string]>([
    ['not JSON', [bytes('hello')], 'malformed'],
    ['empty', [bytes('')], 'malformed'],
    ['of no type', [bytes('{"q":1}')], 'malformed'],
    ['of an unknown type without a number', [bytes('{"t":"format-disk"}')], 'malformed'],
    ['of an unknown type that came before', [bytes('{"t":"format-disk","q":1}'), bytes('{"t":"format-disk","q":1}')], 'replayed'],
    ['without a number', [bytes('{"t":"ping"}')], 'malformed'],
    ['with a field of the wrong type', [bytes('{"t":"ack","q":1,"bytes":"many"}')], 'malformed'],
    ['with negative credit', [bytes('{"t":"ack","q":1,"bytes":-5}')], 'malformed'],
    ['of another version', [bytes('{"t":"hello","q":1,"v":2,"node":"a","agent":"","boot":"","mono":0,"clock":0}')], 'malformed'],
    ['too large', [Buffer.alloc(maxFrameBytes + 1, 'x')], 'too-large'],
    ['with too large a header', [bytes(`{"t":"bye","q":1,"reason":"${'x'.repeat(9000)}"}`)], 'too-large'],
    ['that came before', [ping(1), ping(1)], 'replayed'],
    ['from earlier', [ping(1), ping(2), ping(1)], 'replayed'],
    ['after a hole', [ping(1), ping(3)], 'gap'],
    ['that does not start at one', [ping(2)], 'gap'],
    ['a part of nothing', [bytes('{"t":"part","q":1,"m":9,"i":1}\nx')], 'malformed'],
    ['a part out of turn', [bytes('{"t":"data","id":1,"q":1,"n":3}\nx'), bytes('{"t":"part","q":2,"m":1,"i":2}\nx')], 'malformed'],
    ['a first part without a body', [bytes('{"t":"data","id":1,"q":1,"n":3}')], 'malformed'],
    ['that announces too many parts', [bytes('{"t":"data","id":1,"q":1,"n":100000}\nx')], 'malformed'],
  ])('%s', (_what, payloads, refusal) => {
    const read = reader()
    expect(refusalOf(() => payloads.map(read))).toBe(refusal)
  })

  test('a message that grows beyond its bound, whoever sends it and in however many parts', () => {
    const read = reader()
    const body = Buffer.alloc(maxMessageBytes.up + partBytes)
    expect(refusalOf(() => [...frames({ t: 'data', id: 1 }, body, counter())].map(read))).toBe('too-large')
  })

  test('more messages in parts than may be open at once', () => {
    const read = reader()
    expect(refusalOf(() => Array.from({ length: 100 }, (_, index) => read(bytes(`{"t":"data","id":1,"q":${index + 1},"n":2}\n`))))).toBe(
      'too-large',
    )
  })
})

describe('a frame of a type that only a later version knows', () => {
  test('is handed out as unknown, and the frames after it are read', () => {
    const read = createFrameReader('up')
    expect(read(bytes('{"t":"teleport","q":1,"to":{"x":1}}\nbody'))?.header).toEqual({ t: 'unknown', type: 'teleport', q: 1 })
    expect(read(bytes('{"t":"ping","q":2}'))?.header.t).toBe('ping')
  })

  test('may come in parts, of which nothing is kept', () => {
    let held = 0
    const read = createFrameReader('up', { take: (size) => ((held += size), true), giveBack: (size) => (held -= size) })
    const all = [...frames({ t: 'teleport', id: 1 } as never, Buffer.alloc(3 * partBytes), counter())].map((frame) => read(frame))
    expect(all.map((message) => message?.header)).toEqual([undefined, undefined, { t: 'unknown', type: 'teleport', q: 1, n: 3 }])
    expect(held).toBe(0)
  })

  test('is one of the other direction too: a later version may give it a meaning', () => {
    const read = createFrameReader('up')
    expect(read(bytes('{"t":"welcome","q":1,"v":1,"hubTime":1,"window":1}'))?.header).toMatchObject({ t: 'unknown', type: 'welcome' })
  })
})

/** A generator of numbers that is the same in every run. */
const randomOf = (from: number) => {
  let seed = from
  return (below: number) => {
    seed = (seed * 16807) % 2147483647
    return seed % below
  }
}

test('any messages of any sizes, cut into any number of parts and mixed as they like, come out whole, in order and byte for byte', () => {
  for (let run = 1; run <= 60; run++) {
    const random = randomOf(run)
    const next = counter()
    const read = createFrameReader('down')
    const most = [maxParts.before, maxParts.now, 2][random(3)] ?? 2
    const bodies = Array.from({ length: 1 + random(6) }, () => {
      const size = [0, 1, partBytes - 1, partBytes, partBytes + 1, random(12 * partBytes)][random(6)] ?? 0
      return Buffer.from(Uint8Array.from({ length: size }, () => random(256)))
    })
    const open = bodies.map((body, id) => frames({ t: 'data', id }, body, next, most))
    const came = new Map<number, Uint8Array | undefined>()
    while (open.length > 0) {
      const at = random(open.length)
      const { done, value } = open[at]?.next() ?? { done: true, value: undefined }
      if (done === true || value === undefined) {
        open.splice(at, 1)
        continue
      }
      const message = read(value)
      if (message?.header.t === 'data') came.set(message.header.id, message.body)
    }
    for (const [id, body] of bodies.entries()) expect(body.equals(Buffer.from(came.get(id) ?? []))).toBe(true)
    expect(came.size).toBe(bodies.length)
  }
})

test('random bytes are refused and nothing worse', () => {
  let seed = 7
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
  for (let round = 0; round < 500; round++) {
    const payload = Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)))
    expect(refusalOf(() => createFrameReader('up')(payload))).not.toBe('accepted')
  }
})

test('a frame that has gone holds its body no longer than any dead buffer', () => {
  const spend = spentBuffers()
  const size = 64 * 1024
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let count = 0; count < 1024; count += 1) {
    framing({ t: 'data', id: -1 }, Buffer.allocUnsafeSlow(size), { number: () => count, size }).next()
    spend(size)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(most).toBeLessThan(16 * 1024 * 1024)
})
