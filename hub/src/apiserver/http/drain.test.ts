import { once } from 'node:events'
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ApiResponse, Handler } from '@bramble/shared/api/api-request.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'
import { createPki, type Pair } from '../testing/pki.ts'
import { createHttpServer } from './server.ts'
import { closing } from '../../testing/closing.ts'

/** A door whose GETs of Nodes wait until they are let go. */
async function startDoor() {
  const pki = await createPki()
  const admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  const stop = new AbortController()
  const { handle } = await createTestApi({
    readyChecks: {
      shutdown() {
        if (stop.signal.aborted) throw new Error('the hub is stopping')
      },
    },
  })
  let finish = () => {}
  const held = new Promise<void>((resolve) => (finish = resolve))
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const slow: Handler = async (request, caller): Promise<ApiResponse> => {
    if (request.path === '/api/v1/nodes') {
      begin()
      await held
    }
    return handle(request, caller)
  }
  const tls = { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }
  const server = createHttpServer({ handle: slow, tls, address: '127.0.0.1', port: 0, log: silentLog })
  const running = server.run(stop.signal)
  return { port: await server.listening, ca: pki.ca, admin, stop: () => stop.abort(), running, finish, begun }
}

type Door = Awaited<ReturnType<typeof startDoor>>

const open = ({ port, ca, admin }: Door): ClientHttp2Session => connect(`https://127.0.0.1:${port}`, { ca, ...(admin satisfies Pair) })

async function answerOf(stream: ClientHttp2Stream) {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  return { headers, text: async () => Buffer.concat(await stream.toArray()).toString() }
}

const overHttp1 = ({ port, ca, admin }: Door, path: string) =>
  new Promise<{ readonly code: number; readonly text: string; readonly headers: Record<string, unknown> }>((resolve, reject) => {
    const asked = httpsRequest({ host: '127.0.0.1', port, path, ca, ...admin, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ code: response.statusCode ?? 0, text, headers: response.headers }))
    })
    asked.on('error', reject).end()
  })

it('a door that closes says first that it is not ready, ends watches well, finishes what is in hand, and only then lets nobody in', async () => {
  const door = await startDoor()
  const session = open(door)
  const watch = await answerOf(session.request({ ':path': '/api/v1/namespaces?watch=1' }))
  const inHand = answerOf(session.request({ ':path': '/api/v1/nodes' }))
  await door.begun
  door.stop()

  // The watch has all its events and a proper end.
  expect((await watch.text()).trimEnd().split('\n').length).toBeGreaterThan(3)
  const ready = await overHttp1(door, '/readyz')
  expect([ready.code, ready.text]).toEqual([500, expect.stringContaining('[-]shutdown failed: reason withheld')])
  expect((await overHttp1(door, '/livez')).code).toBe(200)
  const late = await overHttp1(door, '/api/v1/pods')
  expect(late).toMatchObject({ code: 429, headers: { 'retry-after': '1', connection: 'close' } })
  expect(JSON.parse(late.text).message).toBe('The apiserver is shutting down, please try again later.')

  door.finish()
  const { headers, text } = await inHand
  expect([headers[':status'], JSON.parse(await text()).kind]).toEqual([200, 'NodeList'])
  await door.running
  await expect(overHttp1(door, '/readyz')).rejects.toThrow('ECONNREFUSED')
  session.destroy()
})

it.each([
  ['says nothing', ''],
  ['does not end what it says', 'GET /version HTTP/1.1\r\nhost: hub\r\nx-more: '],
])('a client over HTTP/1.1 that %s does not hold a door that closes', async (_what, said) => {
  const door = await startDoor()
  const { port, ca, admin } = door
  const socket = connectTls({ host: '127.0.0.1', port, ca, ...admin })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  // Whoever is answered later has come later.
  socket.write(said)
  await overHttp1(door, '/version')
  const ended = closing(socket)
  door.stop()
  await door.running
  await ended
})

it('nor does one that has begun nothing yet', async () => {
  const door = await startDoor()
  const socket = connectTcp({ host: '127.0.0.1', port: door.port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  await overHttp1(door, '/version')
  const ended = closing(socket)
  door.stop()
  await door.running
  await ended
})
