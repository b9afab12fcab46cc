import { once } from 'node:events'
import { type AddressInfo, createServer, connect, type Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { createPodDoor } from '../testing/pod-door.ts'

/** What a pod says whose server is its attacker's, whatever it is asked. */
let says: (socket: Socket) => void = () => {}
let door: Awaited<ReturnType<typeof createPodDoor>>
let web: Server
const open = new Set<Socket>()
const at = '/api/v1/namespaces/default/pods/box:8080/proxy'

async function dial(_request: unknown, stream: NodeStream) {
  const socket = connect((web.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  stream.accept()
  const duplex = duplexOf(stream, channels.stdin)
  await Promise.allSettled([pipeline(duplex, socket), pipeline(socket, duplex)])
}

beforeAll(async () => {
  web = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => open.delete(socket))
    socket.once('data', () => says(socket))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  door = await createPodDoor(dial)
  await door.api.json('PATCH', '/api/v1/namespaces/default/pods/box/status', {
    body: { status: { podIP: '10.42.0.9', podIPs: [{ ip: '10.42.0.9' }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
})
afterAll(async () => {
  await door[Symbol.asyncDispose]()
  web.close()
})

const get = (path = '/x') => door.refused(`${at}${path}`, {}, { method: 'GET' })
const openNow = async () => {
  const { text } = await door.answered('/metrics', {}, { method: 'GET' })
  const told = text.matchAll(/^apiserver_longrunning_requests\{.*subresource="proxy".*\} (\d+)$/gm)
  return [...told].reduce((sum, [, count]) => sum + Number(count), 0)
}
/** Nothing is left of it: no stream of the node, no connection, no place that is taken. */
const nothingIsLeft = () =>
  vi.waitFor(async () =>
    expect([open.size, door.streams.filter(({ signal }) => !signal.aborted).length, await openNow()]).toEqual([0, 0, 0]),
  )

it.each([
  ['another protocol that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello'],
  ['another protocol without a name', 'HTTP/1.1 101 Switching Protocols\r\n\r\nhello'],
  ['a status below those of answers', 'HTTP/1.1 042 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['a status of none', 'HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\nok'],
  ['a status beyond those of answers', 'HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'],
])('%s is no answer, and nothing of it stays open', async (_what, text) => {
  says = (socket) => socket.write(text)
  expect(await get()).toMatchObject({
    code: 503,
    message: expect.stringMatching(/^error trying to reach service: it answered with status \d+/) as string,
  })
  await nothingIsLeft()
})

it('a head that is too large is no answer, and nothing of it stays open', async () => {
  says = (socket) => socket.write(`HTTP/1.1 200 OK\r\nSet-Cookie: ${'a'.repeat(64 * 1024)}`)
  expect(await get()).toMatchObject({ code: 503, message: expect.stringMatching(/^error trying to reach service: /) as string })
  await nothingIsLeft()
})

it.each([
  ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'],
  ['Odd\nheader: x\r\n', ''],
])('an answer that could be read in two ways is none: %j', async (headers, body) => {
  says = (socket) => socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n${body}`)
  expect(await get()).toMatchObject({ code: 503 })
  await nothingIsLeft()
})

it('a body whose chunks make no sense, and one that ends half way, break off', async () => {
  says = (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno number\r\n')
  await expect(get()).rejects.toThrow('aborted')
  says = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')
  await expect(get()).rejects.toThrow('aborted')
  await nothingIsLeft()
})
