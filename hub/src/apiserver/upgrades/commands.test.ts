import { ApiError } from '@bramble/shared/api/api-error.ts'
import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { pod } from '../testing/api.ts'
import { createPodDoor } from '../testing/pod-door.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
const asked: object[] = []
let endless = 0

/** A node whose commands say in capitals what they hear, and end with a seven. */
async function capitals(request: { readonly kind: string; readonly command?: readonly string[] }, stream: NodeStream) {
  asked.push(request)
  const [word] = request.command ?? []
  if (word === 'absent') throw new ApiError('NotFound', 'container not found ("main")')
  stream.accept()
  const stdout = stream.channel(channels.stdout)
  if (word === 'size') for await (const bytes of stream.channel(channels.resize)) await stdout.write(bytes)
  if (word === 'endless') for (; !stream.signal.aborted; endless += 1) await stdout.write(Buffer.alloc(16 * 1024, 'a'))
  for await (const bytes of stream.channel(channels.stdin)) await stdout.write(Buffer.from(Buffer.from(bytes).toString().toUpperCase()))
  await stdout.write(Buffer.from('!'))
  return {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: 'it exited with 7',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  }
}

beforeAll(async () => {
  door = await createPodDoor(capitals)
})
afterAll(() => door[Symbol.asyncDispose]())

const query = 'command=cat&stdin=true&stdout=true&stderr=true'
const ended = {
  metadata: {},
  status: 'Failure',
  reason: 'NonZeroExitCode',
  message: 'it exited with 7',
  details: { causes: [{ reason: 'ExitCode', message: '7' }] },
}

/** All that is said, by channel, until the other side closes. */
async function heard(
  socket: WebSocket,
  read: (message: Buffer) => readonly [number, string] = (message) => [message[0] ?? -1, message.toString('utf8', 1)],
) {
  const said: Record<number, string> = {}
  socket.on('message', (message: Buffer) => {
    const [channel, text] = read(message)
    said[channel] = (said[channel] ?? '') + text
  })
  const [code] = (await once(socket, 'close')) as [number]
  return { said, code }
}
const message = (channel: number, text: string) => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])

describe('a command over a WebSocket', () => {
  it('of the fifth version hears the end of its input, and says how it ended', async () => {
    const socket = await door.webSocket(`box/exec?${query}`, 'v5.channel.k8s.io')
    const all = heard(socket)
    socket.send(message(0, 'hello '))
    socket.send(message(0, 'there'))
    socket.send(Buffer.from([255, 0]))
    const { said, code } = await all
    expect(socket.protocol).toBe('v5.channel.k8s.io')
    expect(said[1]).toBe('HELLO THERE!')
    expect(JSON.parse(said[3] ?? '')).toEqual(ended)
    expect(code).toBe(1000)
    expect(asked.at(-1)).toMatchObject({ kind: 'exec', container: 'main', command: ['cat'], stdin: true, tty: false })
  })

  it('of the fourth is ended by its caller, and the node hears that', async () => {
    const socket = await door.webSocket(`box/attach?${query}`, ['v4.channel.k8s.io', 'channel.k8s.io'])
    expect(socket.protocol).toBe('v4.channel.k8s.io')
    const stream = door.streams.at(-1) as NodeStream
    socket.close()
    await expect(stream.closed).rejects.toThrow('went away')
    expect(asked.at(-1)).toMatchObject({ kind: 'attach', container: 'main' })
  })

  it('can be spoken in text', async () => {
    const socket = await door.webSocket(`box/exec?command=size&stdin=true&stdout=true&tty=true`, 'v4.base64.channel.k8s.io')
    const all = heard(socket, (text) => [
      Number(String.fromCharCode(text[0] ?? 0)),
      Buffer.from(text.toString('latin1', 1), 'base64').toString(),
    ])
    const size = '{"Width":80,"Height":24}'
    socket.send(`4${Buffer.from(size).toString('base64')}`)
    await once(socket, 'message')
    await new Promise((resolve) => socket.on('message', resolve))
    socket.close()
    expect((await all).said[1]).toBe(`${size}\n`)
  })
})

describe('a message of a WebSocket', () => {
  const mebi = 1024 * 1024
  it('may be as long as its sender likes', async () => {
    const socket = await door.webSocket(`box/exec?${query}`, 'v5.channel.k8s.io')
    let bytes = 0
    socket.on('message', (said: Buffer) => (bytes += said[0] === 1 ? said.length - 1 : 0))
    socket.send(Buffer.concat([Buffer.of(0), Buffer.alloc(33 * mebi, 'a')]))
    socket.send(message(0, 'b'))
    socket.send(Buffer.from([255, 0]))
    expect((await once(socket, 'close'))[0]).toBe(1000)
    expect(bytes).toBe(33 * mebi + 2)
  })

  it('may be long in text as well', async () => {
    const socket = await door.webSocket(`box/exec?command=cat&stdin=true&stdout=true`, 'v4.base64.channel.k8s.io')
    const all = heard(socket, (text) => [
      Number(String.fromCharCode(text[0] ?? 0)),
      Buffer.from(text.toString('latin1', 1), 'base64').toString(),
    ])
    const words = 'many words '.repeat(200_000)
    socket.send(`0${Buffer.from(words).toString('base64')}`)
    let bytes = 0
    await new Promise<void>((resolve) =>
      socket.on('message', (text: Buffer) => {
        bytes += Buffer.from(text.toString('latin1', 1), 'base64').length
        if (bytes >= words.length) resolve()
      }),
    )
    socket.close()
    expect((await all).said[1]).toBe(words.toUpperCase())
  })

  it('that is none ends the session with the code of its kind', async () => {
    const socket = await door.webSocket(`box/exec?${query}`, 'v5.channel.k8s.io')
    const { _socket: bare } = socket as unknown as { readonly _socket: NodeJS.WritableStream }
    bare.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))
    expect((await once(socket, 'close'))[0]).toBe(1002)
  })
})

describe('a command over SPDY', () => {
  const textOf = async (from: AsyncIterable<Uint8Array>) => {
    const pieces: Uint8Array[] = []
    for await (const piece of from) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  }
  it.each([
    ['v4.channel.k8s.io', (text: string) => expect(JSON.parse(text)).toEqual(ended)],
    ['v2.channel.k8s.io', (text: string) => expect(text).toBe('it exited with 7')],
  ])('of %s has a stream for each channel', async (protocol, isEnd) => {
    const spdy = await door.spdy(`box/exec?${query}`, protocol)
    const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) => spdy.open({ streamtype }))
    await stdin?.write(Buffer.from('words'))
    stdin?.end()
    expect(await textOf(stdout ?? ([] as never))).toBe('WORDS!')
    expect(await textOf(stderr ?? ([] as never))).toBe('')
    isEnd(await textOf(error ?? ([] as never)))
  })
})

describe('what is refused', () => {
  const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }
  it.each<[string, string, Record<string, string>, object]>([
    ['a pod that is not there', `none/exec?${query}`, upgrade, { code: 404, message: 'pods "none" not found' }],
    [
      'a container that the pod has not',
      `box/exec?${query}&container=x`,
      upgrade,
      { code: 400, message: 'container x is not valid for pod box' },
    ],
    [
      'a container that does not run',
      'box/exec?command=absent&stdout=true',
      upgrade,
      { code: 404, message: 'container not found ("main")' },
    ],
    ['no streams', 'box/exec?command=true', upgrade, { code: 400, message: 'you must specify at least 1 of stdin, stdout, stderr' }],
    ['no command', 'box/exec?stdout=true', upgrade, { code: 400, message: 'you must specify at least 1 command' }],
    ['no upgrade', `box/exec?${query}`, {}, { code: 400, message: 'Upgrade request required' }],
    [
      'another protocol',
      `box/exec?${query}`,
      { ...upgrade, upgrade: 'h2c' },
      { code: 400, message: 'the hub does not speak h2c: ask again without `Upgrade`' },
    ],
    [
      'another version',
      `box/exec?${query}`,
      { ...upgrade, 'x-stream-protocol-version': 'v9' },
      { code: 403, message: expect.stringContaining('client supports [v9], server accepts [v5.channel.k8s.io') },
    ],
  ])('%s, with a Status and before anything is upgraded', async (_, path, headers, answer) => {
    expect(await door.refused(path, headers)).toMatchObject(answer)
  })

  it('a choice of containers is left to the caller, unless the pod names one', async () => {
    const containers = ['a', 'b'].map((name) => ({ name, image: 'x' }))
    const post = (name: string, metadata: object) => {
      const body = pod(name, { nodeName: 'n1', containers }) as { metadata: object }
      return door.api.json('POST', '/api/v1/namespaces/default/pods', { body: { ...body, metadata: { ...body.metadata, ...metadata } } })
    }
    await post('two', {})
    await post('named', { annotations: { 'kubectl.kubernetes.io/default-container': 'b' } })
    expect(await door.refused(`two/exec?${query}`, upgrade)).toMatchObject({
      code: 400,
      message: 'a container name must be specified for pod two, choose one of: [a b]',
    })
    expect(await door.refused(`named/exec?command=absent&stdout=true`, upgrade)).toMatchObject({ code: 404 })
    expect(asked.at(-1)).toMatchObject({ container: 'b' })
  })

  it.each([
    ['POST', {}, 'a WebSocket is asked for by GET, and not by POST'],
    ['GET', { 'sec-websocket-version': '12' }, 'a WebSocket of version 13 is spoken here, and not "12"'],
    ['GET', { 'sec-websocket-key': 'short' }, 'Sec-WebSocket-Key: must be 16 bytes in base64'],
  ])('a WebSocket that cannot become one runs nothing: %s %j', async (method, headers, why) => {
    const good = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': `${'A'.repeat(22)}==` }
    const before = asked.length
    expect(await door.refused(`box/exec?${query}`, { ...good, ...headers }, { method })).toMatchObject({ code: 400, message: why })
    expect(asked).toHaveLength(before)
  })

  it('who may only read pods and their parts may not run anything in them, by whatever method', async () => {
    await door.api.bind('view', { kind: 'User', name: 'someone' })
    await door.api.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      body: { metadata: { name: 'exec-getter' }, rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }] },
    })
    await door.api.bind('exec-getter', { kind: 'User', name: 'someone' })
    const websocket = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    }
    for (const [method, headers] of [
      ['GET', websocket],
      ['POST', upgrade],
    ] as const)
      expect(await door.refused(`box/exec?${query}`, headers, { as: door.someone, method })).toMatchObject({
        code: 403,
        message: expect.stringContaining('cannot create resource "pods/exec"'),
      })
  })
})

describe('what is open', () => {
  const open = async (as?: Parameters<typeof door.webSocket>[2]) => {
    const socket = await door.webSocket(`box/exec?${query}`, 'v5.channel.k8s.io', as)
    return { socket, all: heard(socket) }
  }
  it('ends when its caller may not have it any more, and says so', async () => {
    const { body } = await door.api.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      body: {
        metadata: { name: 'editor' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'someone' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:aggregate-to-edit' },
      },
    })
    expect(body.metadata.name).toBe('editor')
    const { all } = await open(door.someone)
    await door.api.json('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/editor')
    const { said } = await all
    expect(JSON.parse(said[3] ?? '')).toMatchObject({ status: 'Failure', reason: 'Forbidden' })
  })

  it('ends with its pod', async () => {
    await door.api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('brief', { nodeName: 'n1' }) })
    const socket = await door.webSocket(`brief/exec?${query}`, 'v5.channel.k8s.io')
    const all = heard(socket)
    await door.api.json('DELETE', '/api/v1/namespaces/default/pods/brief', { body: { gracePeriodSeconds: 0 } })
    expect(JSON.parse((await all).said[3] ?? '')).toMatchObject({ reason: 'NotFound', message: 'pods "brief" not found' })
  })

  it.each(['a WebSocket', 'SPDY'])('ends with its pod also for who reads nothing of it, over %s', async (over) => {
    const runningNow = async () => {
      const { text } = await door.answered('/metrics', {}, { method: 'GET' })
      const told = text.matchAll(/^apiserver_longrunning_requests\{.*subresource="exec".*\} (\d+)$/gm)
      return [...told].reduce((sum, [, count]) => sum + Number(count), 0)
    }
    await door.api.json('POST', '/api/v1/namespaces/default/pods', { body: pod('deaf', { nodeName: 'n1' }) })
    const asks = 'deaf/exec?command=endless&stdout=true'
    let leave: () => void
    if (over === 'SPDY') {
      const spdy = await door.spdy(asks, 'v4.channel.k8s.io')
      for (const streamtype of ['error', 'stdout']) spdy.open({ streamtype })
      leave = () => spdy.destroy()
    } else {
      const socket = await door.webSocket(asks, 'v5.channel.k8s.io')
      socket.on('error', () => {}) // it is cut off
      socket.pause()
      leave = () => socket.terminate()
    }
    await vi.waitFor(async () => expect(await runningNow()).toBe(1))
    // Until every buffer on the way is full: others are answered meanwhile, and nothing more of it is taken.
    for (let before = -1; before !== endless;) {
      before = endless
      for (let answers = 0; answers < 20; answers += 1) await runningNow()
    }
    await door.api.json('DELETE', '/api/v1/namespaces/default/pods/deaf', { body: { gracePeriodSeconds: 0 } })
    await vi.waitFor(async () => expect(await runningNow()).toBe(0))
    leave()
  })

  it('ends well when the hub stops', async () => {
    const { all } = await open()
    door.stop()
    const { said, code } = await all
    expect(JSON.parse(said[3] ?? '')).toMatchObject({ status: 'Failure', message: 'the hub is stopping' })
    expect(code).toBe(1000)
  })
})
