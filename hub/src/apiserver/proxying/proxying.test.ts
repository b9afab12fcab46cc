import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { duplexOf } from '@bramble/shared/streams/duplex-of.ts'
import { channels, type NodeStream, type StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { createPodDoor } from '../testing/pod-door.ts'
import { dialPlace } from './dial-place.ts'

let door: Awaited<ReturnType<typeof createPodDoor>>
let web: Server
const dialled: object[] = []
const at = '/api/v1/namespaces/default/pods/box:8080/proxy'

/** A node that connects to the test's own server, whatever port it is asked for but 1. */
async function dial({ address, port, podUid }: StreamRequest<'dial'>, stream: NodeStream) {
  dialled.push({ address, port, podUid })
  if (port === 1) throw new ApiError('ServiceUnavailable', `dial tcp ${address}:1: connect: connection refused`)
  const socket = connect((web.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  stream.accept()
  const duplex = duplexOf(stream, channels.stdin)
  await Promise.allSettled([pipeline(duplex, socket), pipeline(socket, duplex)])
}

const heardBy = async (request: IncomingMessage) => {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString() }
}

beforeAll(async () => {
  web = createServer((request, response) => {
    const answers: Record<string, () => void> = {
      '/page': () => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<a href="/next">\u00fc</a>'),
      '/moved': () => response.writeHead(302, { location: '/there?x=1', 'set-cookie': ['a=1', 'b=2'] }).end(),
      '/gone': () => response.writeHead(404, { 'content-type': 'text/plain', 'x-own': 'yes' }).end('nothing here'),
      '/origins': () =>
        response
          .writeHead(200, {
            'access-control-allow-origin': '*',
            'access-control-allow-credentials': 'true',
            connection: 'close, X-Hop',
            'x-hop': 'a',
            'x-own': 'b',
          })
          .end(),
      '/none': () => response.writeHead(204).end(),
      '/cut': () => {
        response.writeHead(200, { 'content-length': '1000' }).write('half')
        setTimeout(() => response.destroy(), 20)
      },
      '/garbage': () => void request.socket.end('no HTTP at all\r\n\r\n'),
    }
    const known = answers[request.url ?? '']
    if (known !== undefined) return known()
    void heardBy(request).then((heard) => response.setHeader('content-type', 'application/json').end(JSON.stringify(heard)))
  })
  web.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nx-own: yes\r\n\r\n')
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  door = await createPodDoor(dial as never) // no other kind is asked for
  const { json } = door.api
  await json('PATCH', '/api/v1/namespaces/default/pods/box/status', {
    body: { status: { podIP: '10.42.0.9', podIPs: [{ ip: '10.42.0.9' }] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  await json('POST', '/api/v1/namespaces/default/services', {
    body: {
      metadata: { name: 'web' },
      spec: {
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'shut', port: 81, targetPort: 1 },
        ],
      },
    },
  })
  const { uid } = (await json('GET', '/api/v1/namespaces/default/pods/box')).body.metadata as { uid: string }
  await json('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    body: {
      ...{ metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4' },
      endpoints: [{ addresses: ['10.42.0.9'], nodeName: 'n1', targetRef: { kind: 'Pod', name: 'box', namespace: 'default', uid } }],
      ports: [
        { name: 'http', port: 8080 },
        { name: 'shut', port: 1 },
      ],
    },
  })
})
afterAll(async () => {
  await door?.[Symbol.asyncDispose]()
  web?.close()
})

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s is carried as it is, but for what makes its caller known',
  async (method) => {
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{"any": [1,  2]}' : undefined
    const headers = { 'content-type': 'text/x-own', accept: 'text/css', cookie: 'a=b', authorization: '', 'user-agent': 'curl/8' }
    const { status, text } = await door.answered(`${at}/a%2Fb/?q=%20&dryRun=x`, headers, { method, ...(body && { body }) })
    expect(status).toBe(200)
    const heard = JSON.parse(text) as Awaited<ReturnType<typeof heardBy>>
    expect(heard).toMatchObject({ method, url: '/a%2Fb/?q=%20&dryRun=x', body: body ?? '' })
    expect(heard.headers).toMatchObject({ accept: 'text/css', cookie: 'a=b', 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' })
    expect(heard.headers).not.toHaveProperty('authorization')
    expect(dialled.at(-1)).toMatchObject({ address: '10.42.0.9', port: 8080 })
  },
)

it('HEAD has the head of the answer alone', async () => {
  expect(await door.answered(`${at}/page`, {}, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
})

it('what is asked for without a path is a folder below the proxy', async () => {
  const { status, headers } = await door.answered(`${at}?x=%2F`, {}, { method: 'GET' })
  expect([status, headers['location']]).toEqual([301, `${at}/?x=%2F`])
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
  '%s without a path is not sent elsewhere, but carried to the root',
  async (method) => {
    const { status, text } = await door.answered(`${at}?x=%2F`, {}, { method })
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ method, url: '/?x=%2F' })])
  },
)

it('links of pages and where an answer leads to stay below the proxy, and cookies stay several', async () => {
  expect((await door.answered(`${at}/page`, {}, { method: 'GET' })).text).toBe(`<a href="${at}/next">\u00fc</a>`)
  const { status, headers } = await door.answered(`${at}/moved`, {}, { method: 'GET' })
  expect([status, headers['location'], headers['set-cookie']]).toEqual([302, `${at}/there?x=1`, ['a=1', 'b=2']])
})

it('what is behind answers as it likes', async () => {
  expect(await door.answered(`${at}/gone`, {}, { method: 'GET' })).toMatchObject({
    status: 404,
    text: 'nothing here',
    headers: { 'x-own': 'yes' },
  })
  expect(await door.answered(`${at}/none`, {}, { method: 'GET' })).toMatchObject({ status: 204, text: '' })
})

it('what is of one connection alone stays there, and no pod says whose pages may read what the hub answers', async () => {
  const { text } = await door.answered(`${at}/heard`, { connection: 'close, X-Hop', 'x-hop': 'a', 'x-own': 'b' }, { method: 'GET' })
  const heard = (JSON.parse(text) as Awaited<ReturnType<typeof heardBy>>).headers
  const { headers } = await door.answered(`${at}/origins`, {}, { method: 'GET' })
  for (const each of [heard, headers]) {
    expect(each).toMatchObject({ 'x-own': 'b' })
    expect(Object.keys(each).filter((name) => /^access-control|^x-hop/.test(name))).toEqual([])
  }
})

it('an answer that breaks off breaks off, and one that is none is told', async () => {
  await expect(door.answered(`${at}/cut`, {}, { method: 'GET' })).rejects.toThrow('aborted')
  const message = /^error trying to reach service: malformed HTTP response/
  expect(await door.refused(`${at}/garbage`, {}, { method: 'GET' })).toMatchObject({
    code: 503,
    message: expect.stringMatching(message) as string,
  })
})

it('another protocol is spoken through it, if what is behind does', async () => {
  const { socket, headers } = await door.upgraded(`${at}/ws`, { connection: 'Upgrade', upgrade: 'websocket' }, { method: 'GET' })
  expect(headers).toMatchObject({ upgrade: 'websocket', 'x-own': 'yes' })
  socket.write('hello')
  expect(String(await once(socket, 'data'))).toBe('hello')
  socket.destroy()
  // Also at the root, by whatever name of it.
  ;(await door.upgraded(`${at}?x`, { connection: 'Upgrade', upgrade: 'websocket' }, { method: 'GET' })).socket.destroy()
})

it('a Service is asked at one of its endpoints, by the number or the name of a port', async () => {
  const ask = (name: string) => door.refused(`/api/v1/namespaces/default/services/${name}/proxy/x`, {}, { method: 'GET' })
  for (const name of ['web:80', 'web:http', 'http:web:http']) expect(await ask(name)).toMatchObject({ url: '/x' })
  expect(await ask('web:82')).toMatchObject({ code: 503, message: 'no service port 82 found for service "web"' })
  expect(await ask('web:other')).toMatchObject({ code: 503, message: 'no endpoints available for service "web"' })
  expect(await ask('web:81')).toMatchObject({
    code: 503,
    message: 'error trying to reach service: dial tcp 10.42.0.9:1: connect: connection refused',
  })
  expect(await ask('none:80')).toMatchObject({ code: 404, message: 'services "none" not found' })
  expect(await ask('ftp:web:80')).toMatchObject({ code: 400, message: 'invalid service request "ftp:web:80"' })
})

it.each(['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0', '::ffff:127.0.0.1', 'localhost'])(
  'an endpoint that is no pod is asked from here, unless that would be the hub itself: %s',
  async (host) => {
    await expect(dialPlace({} as never, { host, port: 80 }, new AbortController().signal)).rejects.toThrow('address not allowed') // nothing of a call is needed
  },
)

it('nobody is let through without the right to the proxy, by the method that is asked', async () => {
  expect(await door.refused(`${at}/x`, {}, { method: 'GET', as: door.someone })).toMatchObject({
    code: 403,
    message: expect.stringContaining('cannot get resource "pods/proxy"') as string,
  })
})
