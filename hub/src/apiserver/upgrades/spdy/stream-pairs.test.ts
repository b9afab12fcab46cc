import { duplexPair } from '@bramble/shared/spdy/testing/duplex-pair.ts'
import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStreamPairs, type StreamPair } from './stream-pairs.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

async function opened() {
  const [ours, theirs] = duplexPair()
  const made: StreamPair[] = []
  const pairs = createStreamPairs((pair) => void made.push(pair))
  let tell = () => {}
  const onStream = (stream: SpdyStream) => {
    pairs.take(stream)
    tell()
  }
  const client = new SpdyConnection({ transport: ours, side: 'client' })
  const server = new SpdyConnection({ transport: theirs, side: 'server', maxStreams: 10, onStream })
  const ran = Promise.allSettled([client.run(), server.run()])
  const open = async (headers: Record<string, string>) => {
    const taken = new Promise<void>((resolve) => (tell = resolve))
    const stream = client.open(headers)
    await taken
    return stream
  }
  const close = async () => {
    client.destroy()
    server.destroy()
    await ran
  }
  return { open, made, pairs, close }
}

const textOf = async (from: AsyncIterable<Uint8Array>) => {
  const pieces: Uint8Array[] = []
  for await (const piece of from) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

it('of which one is missing end after half a minute, and the error stream says so', async () => {
  const { open, made, close } = await opened()
  const error = await open({ streamtype: 'error', port: '80', requestid: '1' })
  const data = await open({ streamtype: 'data', port: '80', requestid: '2' })
  vi.advanceTimersByTime(29_999)
  expect(vi.getTimerCount()).toBe(2)
  vi.advanceTimersByTime(1)
  expect(await textOf(error)).toBe('timed out after 30 s waiting for the data stream of this connection')
  await expect(textOf(data)).rejects.toThrow('reset the stream')
  // What comes for one that is over begins anew.
  await open({ streamtype: 'data', port: '80', requestid: '1' })
  expect(made).toEqual([])
  await close()
})

it('are made in either order, and wait for nothing any more', async () => {
  const { open, made, close } = await opened()
  await open({ streamtype: 'data', port: '8080', requestid: '1' })
  await open({ streamtype: 'error', port: '8080', requestid: '1' })
  expect(made).toMatchObject([{ port: 8080, data: { headers: { streamtype: 'data' } }, error: { headers: { streamtype: 'error' } } }])
  expect(vi.getTimerCount()).toBe(0)
  await close()
})

it('that are reset or whose session ends are not waited for', async () => {
  const { open, pairs, close } = await opened()
  const gone = await open({ streamtype: 'error', port: '80', requestid: '1' })
  gone.reset()
  while (vi.getTimerCount() > 0) await new Promise(setImmediate)
  await open({ streamtype: 'error', port: '80', requestid: '2' })
  expect(vi.getTimerCount()).toBe(1)
  pairs.close()
  expect(vi.getTimerCount()).toBe(0)
  await close()
})
