import { ApiError } from '@bramble/shared/api/api-error.ts'
import { SpdyConnection } from '@bramble/shared/spdy/connection.ts'
import type { SpdyStream } from '@bramble/shared/spdy/spdy-stream.ts'
import { channels, type NodeStream, type StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pod } from '../testing/api.ts'
import { createPodDoor } from '../testing/pod-door.ts'
import { frame, tunnelClient } from './testing/tunnel-client.ts'
import { closing } from '../../testing/closing.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
const heardByPod: string[] = []
let written = 0

/** What listens in the pod, by port. */
const servers: Readonly<Record<number, (stream: NodeStream) => Promise<unknown>>> = {
  /** Says in capitals what it has heard, at its end. */
  async 80(stream) {
    await stream.channel(channels.stdin).write(Buffer.from((await textOf(stream.channel(0))).toUpperCase()))
    stream.channel(0).end()
  },
  /** Ends its half first, and hears the rest. */
  async 81(stream) {
    await stream.channel(0).write(Buffer.from('that is all'))
    stream.channel(0).end()
    heardByPod.push(await textOf(stream.channel(0)))
  },
  async 82(stream) {
    await stream.channel(0).write(Buffer.from('begun'))
    throw new ApiError('ServiceUnavailable', 'the connection to port 82 broke: read ECONNRESET')
  },
  async 83(stream) {
    for (written = 0; ; written += 65_536) await stream.channel(0).write(Buffer.alloc(65_536))
  },
  /** Reads nothing, and says nothing. */
  84: (stream) => new Promise((resolve) => stream.signal.addEventListener('abort', resolve)),
}

async function serve({ port }: StreamRequest<'forward'>, stream: NodeStream) {
  if (port === undefined) return
  const server = servers[port]
  if (server === undefined) throw new ApiError('ServiceUnavailable', `failed to connect to localhost:${port}`)
  stream.accept()
  await server(stream)
}

beforeAll(async () => {
  door = await createPodDoor(serve as never) // no other kind is asked for
})
afterAll(() => door[Symbol.asyncDispose]())

const textOf = async (from: AsyncIterable<Uint8Array>) => {
  const pieces: Uint8Array[] = []
  for await (const piece of from) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

type Session = { readonly spdy: SpdyConnection; readonly connect: (port: number | string) => { data: SpdyStream; error: SpdyStream } }
function sessionOver(spdy: SpdyConnection): Session {
  let lastId = 0
  return {
    spdy,
    connect(port) {
      const headers = { port: String(port), requestid: String(lastId++) }
      const error = spdy.open({ ...headers, streamtype: 'error' })
      error.end()
      return { error, data: spdy.open({ ...headers, streamtype: 'data' }) }
    },
  }
}

const websocket = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': `${'A'.repeat(22)}==` }
const tunnelled = 'SPDY/3.1+portforward.k8s.io'
const spdyUpgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' }

async function tunnel(path = 'box/portforward') {
  const { socket, headers } = await door.upgraded(path, { ...websocket, 'sec-websocket-protocol': tunnelled }, { method: 'GET' })
  expect(headers['sec-websocket-protocol']).toBe(tunnelled)
  const { bytes, closed } = tunnelClient(socket)
  const spdy = new SpdyConnection({ transport: bytes, side: 'client' })
  void spdy.run().catch(() => {}) // its streams tell why
  return { ...sessionOver(spdy), closed, socket }
}

describe.each([
  ['SPDY', async (path?: string) => sessionOver(await door.spdy(path ?? 'box/portforward', 'portforward.k8s.io'))],
  ['SPDY in a WebSocket', tunnel as (path?: string) => Promise<Session>],
])('ports forwarded over %s', (_, open) => {
  it('are connections of two streams each, many at a time, with an end for either side', async () => {
    const { spdy, connect } = await open()
    const all = Array.from({ length: 20 }, () => connect(80))
    const words = all.map((_each, index) => `words ${index} ${'x'.repeat(index * 5000)}`)
    for (const [index, { data }] of all.entries()) {
      await data.write(Buffer.from(words[index] ?? ''))
      data.end()
    }
    expect(await Promise.all(all.map(({ data }) => textOf(data)))).toEqual(words.map((each) => each.toUpperCase()))
    expect(await Promise.all(all.map(({ error }) => textOf(error)))).toEqual(all.map(() => ''))
    spdy.close()
  })

  it('hear the end of a pod that goes on reading, and that nothing went wrong', async () => {
    const { spdy, connect } = await open()
    const { data, error } = connect(81)
    expect(await textOf(data)).toBe('that is all')
    expect(await textOf(error)).toBe('')
    await data.write(Buffer.from('one thing more'))
    data.end()
    await expect.poll(() => heardByPod.pop()).toBe('one thing more')
    spdy.close()
  })

  it('at which nobody listens say so, and the others go on', async () => {
    const { spdy, connect } = await open()
    const none = connect(9)
    await none.data.write(Buffer.alloc(300_000)) // more than waits for anybody
    expect(await textOf(none.error)).toMatch(/^error forwarding port 9 to pod box, uid [-0-9a-f]+: failed to connect to localhost:9$/)
    expect(await textOf(none.data)).toBe('')
    const { data } = connect(80)
    data.end()
    expect(await textOf(data)).toBe('')
    spdy.close()
  })

  it('whose connection the pod breaks off are broken off without a word, which would end kubectl', async () => {
    const { spdy, connect } = await open()
    const { data, error } = connect(82)
    await expect(textOf(data)).rejects.toThrow('reset the stream')
    expect(await textOf(error)).toBe('')
    spdy.close()
  })

  it('whose node is lost say so', async () => {
    const { spdy, connect } = await open()
    const { data, error } = connect(84)
    await expect.poll(() => door.streams.at(-1)?.signal.aborted).toBe(false)
    await data.write(Buffer.from('x'))
    door.streams.at(-1)?.abort(new Error('node n1 is away'))
    expect(await textOf(error)).toContain('node n1 is away')
    spdy.close()
  })

  it('end in the pod when their caller resets them, has gone, or reads nothing', async () => {
    const { spdy, connect } = await open()
    const reset = connect(84)
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
    reset.data.reset()
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
    connect(83)
    await expect.poll(() => written > 0).toBe(true)
    let before = -1
    await expect.poll(() => written === before || ((before = written), false), { interval: 200 }).toBe(true)
    expect(written).toBeLessThan(16 * 1024 * 1024)
    spdy.destroy()
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
  })

  it('that are not read hold up no others of the same session', async () => {
    const { spdy, connect } = await open()
    const stuck = connect(84)
    // More than the node's stream and what waits before it have room for.
    await stuck.data.write(Buffer.alloc(1150 * 1024))
    const { data } = connect(80)
    await data.write(Buffer.from('past it'))
    data.end()
    expect(await textOf(data)).toBe('PAST IT')
    spdy.close()
  })

  it('are no more than a caller may have of a node, and one that ends makes room', async () => {
    const { spdy, connect } = await open()
    const all = Array.from({ length: 32 }, () => connect(84))
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toHaveLength(32)
    expect(await textOf(connect(80).error)).toContain('has 32 streams of node n1 open, as many as one may have at once')
    all[0]?.data.reset()
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toHaveLength(31)
    const { data } = connect(80)
    data.end()
    expect(await textOf(data)).toBe('')
    spdy.close()
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
  })

  it.each<[string, Record<string, string>]>([
    ['no port', { streamtype: 'data', requestid: '1' }],
    ['a port that is none', { streamtype: 'data', requestid: '1', port: '65536' }],
    ['a port in words', { streamtype: 'error', requestid: '1', port: 'http' }],
    ['no type', { port: '80', requestid: '1' }],
    ['another type', { streamtype: 'stdin', port: '80', requestid: '1' }],
  ])('of streams with %s are reset', async (_what, headers) => {
    const { spdy } = await open()
    await expect(textOf(spdy.open(headers))).rejects.toThrow('reset the stream')
    spdy.close()
  })

  it('that come twice are reset, and the first is served', async () => {
    const { spdy } = await open()
    const headers = { port: '80', requestid: 'a' }
    const error = spdy.open({ ...headers, streamtype: 'error' })
    await expect(textOf(spdy.open({ ...headers, streamtype: 'error' }))).rejects.toThrow('reset the stream')
    const data = spdy.open({ ...headers, streamtype: 'data' })
    data.end()
    expect(await textOf(data)).toBe('')
    expect(await textOf(error)).toBe('')
    spdy.close()
  })

  it('that name no request belong together by their order, as with clients of before', async () => {
    const { spdy } = await open()
    spdy.open({ port: '80', streamtype: 'error' })
    const data = spdy.open({ port: '80', streamtype: 'data' })
    await data.write(Buffer.from('old'))
    data.end()
    expect(await textOf(data)).toBe('OLD')
    spdy.close()
  })

  it('end with their pod, and say so', async () => {
    await door.api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('brief', { nodeName: 'n1' }) })
    const { spdy, connect } = await open('brief/portforward')
    const { error } = connect(84)
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
    await door.api.json('DELETE', '/api/v1/namespaces/default/pods/brief', { body: { gracePeriodSeconds: 0 } })
    expect(await textOf(error)).toContain('pods "brief" not found')
    await expect.poll(() => spdy.signal.aborted).toBe(true)
  })
})

describe('a WebSocket that carries SPDY', () => {
  it('is closed in order, with the code of a good end', async () => {
    await door.api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('short', { nodeName: 'n1' }) })
    const { closed } = await tunnel('short/portforward')
    await door.api.json('DELETE', '/api/v1/namespaces/default/pods/short', { body: { gracePeriodSeconds: 0 } })
    expect(await closed).toBe(1000)
  })

  it.each([
    ['text', frame(1, Buffer.from('hello'))],
    ['no frames', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['another protocol in its messages', frame(2, Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]))],
  ])('with %s in it is closed', async (_, bytes) => {
    const { socket } = await tunnel()
    const closed = closing(socket)
    socket.write(bytes)
    await closed
  })
})

describe('ports forwarded in channels of a WebSocket', () => {
  const heard = async (socket: Awaited<ReturnType<typeof door.webSocket>>, read: (message: Buffer) => readonly [number, Buffer]) => {
    const said: Record<number, string> = {}
    socket.on('message', (message: Buffer) => {
      const [channel, bytes] = read(message)
      said[channel] = (said[channel] ?? '') + bytes.toString('latin1')
    })
    const [code] = (await once(socket, 'close')) as [number]
    return { said, code }
  }
  const binary = (message: Buffer) => [message[0] ?? -1, message.subarray(1)] as const
  const text = (message: Buffer) => [(message[0] ?? 0) - 48, Buffer.from(message.toString('latin1', 1), 'base64')] as const

  it('are two for each, which first say the port, and end with the last', async () => {
    const socket = await door.webSocket('box/portforward?ports=81,82&ports=9', ['v5.channel.k8s.io', 'v4.channel.k8s.io'])
    expect(socket.protocol).toBe('v4.channel.k8s.io')
    const all = heard(socket, binary)
    socket.send(Buffer.from([9, 1]))
    socket.send(Buffer.alloc(0))
    expect(await all).toEqual({
      code: 1000,
      said: {
        0: 'Q\0that is all',
        1: 'Q\0',
        2: 'R\0begun',
        3: 'R\0the pod broke the connection to port 82 off',
        4: '\t\0',
        5: expect.stringMatching(/^\t\0error forwarding port 9 to pod box, uid [-0-9a-f]+: failed to connect to localhost:9$/),
      },
    })
  })

  it('can be spoken in text, beyond the tenth channel too', async () => {
    const ports = [84, 84, 84, 84, 84, 81]
    const socket = await door.webSocket(`box/portforward?ports=${ports.join(',')}`, 'v4.base64.channel.k8s.io')
    const all = heard(socket, text)
    socket.send(`:${Buffer.from('ten').toString('base64')}`)
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toHaveLength(5)
    socket.close()
    expect((await all).said[10]).toBe('Q\0that is all')
    await expect.poll(() => door.streams.filter(({ signal }) => !signal.aborted)).toEqual([])
  })

  it.each([
    ['no ports', 'box/portforward', 'query parameter "ports" is required'],
    ['more ports than are served at once', `box/portforward?ports=${'80,'.repeat(16)}80`, 'forwards 16 ports at most, and not 17'],
    ['a port that is none', 'box/portforward?ports=0', 'must be between 1 and 65535'],
  ])('of %s are refused', async (_, path, message) => {
    const headers = { ...websocket, 'sec-websocket-protocol': 'v4.channel.k8s.io' }
    expect(await door.refused(path, headers, { method: 'GET' })).toMatchObject({ code: 400, message: expect.stringContaining(message) })
  })
})

describe('a caller', () => {
  it('hears before anything is upgraded that there is no such pod, or no node for it', async () => {
    expect(await door.refused('none/portforward', spdyUpgrade)).toMatchObject({ code: 404, message: 'pods "none" not found' })
    await door.api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('waits', {}) })
    expect(await door.refused('waits/portforward', spdyUpgrade)).toMatchObject({ code: 400 })
    expect(await door.refused('box/portforward', {})).toMatchObject({ code: 400, message: 'Upgrade request required' })
    expect(await door.refused('box/portforward', { ...spdyUpgrade, 'x-stream-protocol-version': 'v4.channel.k8s.io' })).toMatchObject({
      code: 403,
      message: expect.stringContaining('server accepts [portforward.k8s.io]'),
    })
  })

  it('who may only read pods and their parts may forward nothing, by whatever method', async () => {
    await door.api.bind('view', { kind: 'User', name: 'someone' })
    await door.api.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      body: { metadata: { name: 'port-getter' }, rules: [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] }] },
    })
    await door.api.bind('port-getter', { kind: 'User', name: 'someone' })
    for (const [method, headers] of [
      ['GET', { ...websocket, 'sec-websocket-protocol': tunnelled }],
      ['POST', spdyUpgrade],
    ] as const)
      expect(await door.refused('box/portforward', headers, { as: door.someone, method })).toMatchObject({
        code: 403,
        message: expect.stringContaining('cannot create resource "pods/portforward"'),
      })
  })
})
