import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels, type NodeStream } from '@bramble/shared/streams/node-stream.ts'
import { createPodDoor } from '../testing/pod-door.ts'

const mebi = 1024 * 1024
const at = '/api/v1/namespaces/default/pods/box:8080/proxy'
let door: Awaited<ReturnType<typeof createPodDoor>>
let web: Server
const heard: { readonly request: IncomingMessage; readonly broken: Promise<unknown> }[] = []

beforeAll(async () => {
  web = createServer((request, response) => {
    heard.push({ request, broken: once(request, 'error') })
    if (request.url === '/early') return void response.writeHead(413).write('too much')
    const hash = createHash('sha256')
    let bytes = 0
    request.on('error', () => {})
    request.on('data', (piece: Buffer) => {
      bytes += piece.length
      hash.update(piece)
    })
    request.on('end', () => response.end(JSON.stringify({ bytes, sum: hash.digest('hex'), headers: request.headers })))
  })
  web.on('upgrade', (_request, socket: Duplex) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n')
    socket.on('data', (bytes: Buffer) => (String(bytes) === 'bye' ? socket.end('and the end') : socket.write(bytes)))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  door = await createPodDoor(async (_request, stream: NodeStream) => {
    const socket = connect((web.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    stream.accept()
    const duplex = duplexOf(stream, channels.stdin)
    await Promise.allSettled([pipeline(duplex, socket), pipeline(socket, duplex)])
  })
  await door.api.json('PATCH', '/api/v1/namespaces/default/pods/box/status', {
    body: { status: { podIP: '10.42.0.9', podIPs: [{ ip: '10.42.0.9' }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
})
afterAll(async () => {
  await door?.[Symbol.asyncDispose]()
  web?.close()
})

/** A request of which the body does not come. */
function begin(path: string): ClientRequest {
  const request = door.send(`${at}${path}`, { 'content-length': '1000' }, { method: 'POST' })
  return request.on('error', () => {}).on('response', (response: IncomingMessage) => response.on('error', () => {}))
}

const body = Buffer.alloc(24 * mebi, 'some bytes of a pod ')
const sum = createHash('sha256').update(body).digest('hex')

it('bodies of any size are given on as they come, several at a time', async () => {
  const all = await Promise.all(
    [1, 2, 3].map(() => door.answered(`${at}/x`, { 'content-length': String(body.length) }, { method: 'POST', body })),
  )
  for (const { status, text } of all) {
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ bytes: body.length, sum, headers: { 'content-length': String(body.length) } })
  }
})

it('one of which nobody says how long it is has no length behind the proxy either', async () => {
  const { text } = await door.answered(`${at}/x`, { 'transfer-encoding': 'chunked' }, { method: 'PUT', body })
  expect(JSON.parse(text)).toMatchObject({ bytes: body.length, sum, headers: { 'transfer-encoding': 'chunked' } })
})

it('a question may have a body', async () => {
  const { text } = await door.answered(`${at}/x`, { 'content-length': '4' }, { method: 'GET', body: 'what' })
  expect(JSON.parse(text)).toMatchObject({ bytes: 4 })
})

it('what is behind may answer before it has heard all', async () => {
  const request = begin('/early')
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(413)
  expect(String((await once(response, 'data'))[0])).toBe('too much')
  request.destroy()
})

it('who breaks off in the middle is broken off behind the proxy, too', async () => {
  const before = heard.length
  const request = begin('/x')
  await expect.poll(() => heard.length).toBeGreaterThan(before)
  request.destroy()
  await heard.at(-1)?.broken
})

it('who may not be carried is refused, whatever he sends', async () => {
  for (const bytes of ['little', body]) {
    const request = door.send(`${at}/x`, { 'content-length': String(bytes.length) }, { method: 'POST', body: bytes, as: door.someone })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(403)
    request.on('error', () => {})
    await once(response.resume(), 'close')
  }
})

it('a connection that speaks another protocol has no more listeners than Node takes for well', async () => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  const { socket } = await door.upgraded(`${at}/ws`, { connection: 'Upgrade', upgrade: 'websocket' }, { method: 'GET' })
  socket.write('hello')
  expect(String(await once(socket, 'data'))).toBe('hello')
  socket.write('bye')
  expect(String(await once(socket, 'data'))).toBe('and the end')
  await once(socket, 'close')
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})
