import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { openWayToPods, type WayToPods } from './way-to-pods.ts'

let way: WayToPods

const lost = expect.stringContaining('the connection of node n1 is lost') as string
const lostByNode = 'the connection to the hub was lost'
const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }

/** All that a caller of a command hears, by channel. */
function hearing(socket: WebSocket) {
  const said: Record<number, string> = {}
  socket.on('message', (message: Buffer) => (said[message[0] ?? -1] = (said[message[0] ?? -1] ?? '') + message.toString('latin1', 1)))
  socket.on('error', () => {}) // it is cut off
  return said
}
const endOf = async (socket: WebSocket, said: Record<number, string>) => {
  const [code] = (await once(socket, 'close')) as [number]
  return { code, status: JSON.parse(said[3] ?? '{}') as object }
}
const words = (channel: number, text: string) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
const endOfInput = Buffer.from([255, 0])

describe.each(['exec', 'attach'] as const)('%s', (kind) => {
  beforeAll(async () => {
    way = await openWayToPods()
  })
  beforeEach(() => way.connected())
  afterAll(() => way[Symbol.asyncDispose]())

  const path = (word: string) => {
    way.runtime.state.main = word
    return `box/${kind}?container=main&stdin=true&stdout=true&stderr=true${kind === 'exec' ? `&command=${word}` : ''}`
  }
  const open = async (word: string) => {
    const socket = await way.door.webSocket(path(word), 'v5.channel.k8s.io')
    return { socket, said: hearing(socket) }
  }
  type Open = Awaited<ReturnType<typeof open>>

  /** What a command is in the middle of. */
  const moments: readonly (readonly [moment: string, word: string, until: (open: Open) => Promise<unknown>])[] = [
    ['when it is open', 'cat', () => vi.waitFor(() => expect(way.runtime.sockets.size).toBe(1))],
    [
      'while both sides talk',
      'yes',
      async ({ socket, said }) => {
        for (let count = 0; count < 20; count += 1) socket.send(words(0, 'x'.repeat(10_000)))
        await vi.waitFor(() => expect(said[1]?.length ?? 0).toBeGreaterThan(100_000))
      },
    ],
    [
      'when one side has said all',
      'patient',
      async ({ socket, said }) => {
        socket.send(endOfInput)
        await vi.waitFor(() => expect(said[1]).toBe('all heard'))
      },
    ],
    [
      'while it closes',
      'goodbye',
      async () => {
        way.link.hold('node')
        // It has said all to an agent that cannot pass it on.
        await vi.waitFor(() => expect(way.runtime.sockets.size).toBe(1))
      },
    ],
  ]

  it('that is not open yet is refused when the link is cut, and the runtime is asked for nothing any more', async () => {
    way.runtime.state.hangs = kind
    const answer = way.door.refused(path('cat'), upgrade)
    await vi.waitFor(() => expect(way.runtime.hanging.size).toBe(1))
    way.link.cut()
    expect(await answer).toMatchObject({ code: 503, reason: 'ServiceUnavailable', message: lost })
    await way.nothingIsLeft()
    await way.nodeHears(lostByNode)
  })

  it('that is not open yet ends when its caller goes away', async () => {
    way.runtime.state.hangs = kind
    const request = way.door.send(path('cat'), upgrade)
    request.on('error', () => {}) // it is broken off
    await vi.waitFor(() => expect(way.runtime.hanging.size).toBe(1))
    request.destroy()
    await way.nothingIsLeft()
  })

  it.each(moments)('ends %s and the link is cut', async (_, word, until) => {
    const opened = await open(word)
    const ended = endOf(opened.socket, opened.said)
    await until(opened)
    way.link.cut()
    expect(await ended).toMatchObject({ code: 1000, status: { status: 'Failure', reason: 'ServiceUnavailable', message: lost } })
    await way.nothingIsLeft()
    await way.nodeHears(lostByNode)
    await way.connected()
    await isWhole()
  })

  it.each(moments)('ends %s and its caller goes away', async (_, word, until) => {
    const opened = await open(word)
    await until(opened)
    opened.socket.terminate()
    way.link.goOn('node')
    await way.nothingIsLeft()
  })

  it.each(moments.slice(0, 3))('ends %s and the runtime breaks off', async (_, word, until) => {
    const opened = await open(word)
    const ended = endOf(opened.socket, opened.said)
    await until(opened)
    way.runtime.breakOff()
    const why = expect.stringContaining('the container runtime broke the stream off') as string
    expect(await ended).toMatchObject({ code: 1000, status: { status: 'Failure', message: why } })
    await way.nothingIsLeft()
  })

  /** Another one, over the link that is new. */
  const isWhole = async () => {
    const { socket, said } = await open('cat')
    const ended = endOf(socket, said)
    socket.send(words(0, 'whole'))
    socket.send(endOfInput)
    expect(await ended).toMatchObject({ code: 1000, status: { status: 'Success' } })
    expect(said[1]).toBe('whole')
    await way.nothingIsLeft()
  }
})
