import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createHttpServer, type DoorLimits } from './server.ts'
import { configMap, createTestApi, type Json } from '../testing/api.ts'
import { createPki, type Pair } from '../testing/pki.ts'
import { closing } from '../../testing/closing.ts'

const many = 200
const limits: DoorLimits = { strangers: { ofOne: 20, inAll: 40 }, known: { ofOne: 30, inAll: 60 }, strangerMs: 300, refusalMs: 50 }

describe('storms at the HTTPS door', () => {
  const stop = new AbortController()
  let running: Promise<unknown>
  let pki: Awaited<ReturnType<typeof createPki>>
  let admin: Pair
  let port: number
  let lasting: number

  beforeAll(async () => {
    pki = await createPki()
    admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
    const { handle } = await createTestApi()
    const common = { handle, tls: { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }, address: '127.0.0.1', port: 0 }
    const log = createLog({ level: 'warn', write: (line) => expect.unreachable(line) })
    const hasty = createHttpServer({ ...common, log, limits })
    // In which nothing ends of itself, so that what goes has been sent away.
    const patient = createHttpServer({ ...common, log, limits: { ...limits, strangerMs: 3_600_000 } })
    running = Promise.all([hasty.run(stop.signal), patient.run(stop.signal)])
    port = await hasty.listening
    lasting = await patient.listening
  })
  afterAll(async () => {
    stop.abort()
    await running
  })

  type Answer = { readonly code: number | undefined; readonly body: Json; readonly connection: string | undefined }
  const ask = (at: number, path: string, as?: Pair, method = 'GET', body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', connection: 'keep-alive' }
      const asked = httpsRequest({ host: '127.0.0.1', port: at, path, method, ca: pki.ca, ...as, agent: false, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const body: Json = text.startsWith('{') ? JSON.parse(text) : text
          resolve({ code: response.statusCode, body, connection: response.headers.connection })
        })
      })
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const session = (at: number, as?: Pair): ClientHttp2Session =>
    connectHttp2(`https://127.0.0.1:${at}`, { ca: pki.ca, ...as }).on('error', () => {})
  const ended = (one: ClientHttp2Session) => new Promise<void>((resolve) => one.once('close', () => resolve()))
  const statusOf = (one: ClientHttp2Session, path: string) =>
    new Promise((resolve, reject) => {
      const stream = one.request({ ':path': path }).on('error', reject)
      stream.on('response', (headers) => resolve(headers[':status'])).resume()
    })

  const storms: [name: string, connect: () => { on(event: 'close', listener: () => void): unknown; destroy(): unknown }][] = [
    ['connections that say nothing', () => connectTcp(lasting, '127.0.0.1').on('error', () => {})],
    ['TLS connections that ask nothing', () => connectTls({ host: '127.0.0.1', port: lasting, ca: pki.ca }).on('error', () => {})],
    ['HTTP/2 sessions without requests', () => session(lasting)],
    [
      'requests whose headers never end',
      () => {
        const socket = connectTls({ host: '127.0.0.1', port: lasting, ca: pki.ca }).on('error', () => {})
        socket.write('GET /readyz HTTP/1.1\r\nx-slow: ')
        return socket
      },
    ],
  ]
  it.each(storms)('in a storm of %s a person and a load balancer are answered, and a watch stays', async (title, connect) => {
    const old = session(lasting, admin)
    const watch = old.request({ ':path': '/api/v1/namespaces/default/configmaps?watch=true' }).setEncoding('utf8')
    await once(watch, 'response')
    const storm = Array.from({ length: many }, connect)
    let gone = 0
    for (const one of storm) one.on('close', () => (gone += 1))
    // From the address of the storm, after as many of it as have no place.
    await vi.waitFor(() => expect(gone).toBeGreaterThanOrEqual(many - limits.strangers.ofOne))
    expect((await ask(lasting, '/readyz')).code).toBe(200)
    expect((await ask(lasting, '/api/v1/namespaces', admin)).code).toBe(200)
    const name = `seen-after-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    let told = ''
    const heard = new Promise<void>((resolve) => watch.on('data', (chunk: string) => (told += chunk).includes(name) && resolve()))
    expect((await ask(lasting, '/api/v1/namespaces/default/configmaps', admin, 'POST', configMap(name))).code).toBe(201)
    await heard
    old.destroy()
    for (const one of storm) one.destroy()
  })

  it('who stays a stranger is sent away after a time, whatever it says meanwhile', async () => {
    const slow = connectTls({ host: '127.0.0.1', port, ca: pki.ca }).on('error', () => {})
    slow.write('GET /readyz HTTP/1.1\r\nx-slow: ')
    const idle = session(port)
    const goodbye = new Promise((resolve) => idle.once('goaway', resolve))
    const trickle = setInterval(() => slow.writable && slow.write('a'), 50)
    // Whoever speaks HTTP/2 is told first, and may read what is on its way.
    await Promise.all([closing(slow), goodbye, ended(idle)])
    clearInterval(trickle)
  })

  it('who is known stays: a session and a keep-alive connection outlast the time of strangers', async () => {
    const known = session(port, admin)
    const stranger = session(port)
    expect(await statusOf(known, '/api/v1/namespaces')).toBe(200)
    await ended(stranger)
    expect(await statusOf(known, '/api/v1/namespaces')).toBe(200)
    known.destroy()
    expect((await ask(port, '/readyz')).connection).toBe('close')
    expect((await ask(port, '/readyz', admin)).connection).toBe('keep-alive')
  })

  it('an identity that opens connections without end loses its oldest, and nobody else loses any', async () => {
    const other = session(lasting, admin)
    expect(await statusOf(other, '/version')).toBe(200)
    const greedy = await pki.leaf('greedy', [], 'client')
    const sessions = Array.from({ length: many }, () => session(lasting, greedy))
    let gone = 0
    for (const one of sessions) one.on('close', () => (gone += 1))
    await vi.waitFor(() => expect(gone).toBe(many - limits.known.ofOne))
    expect(await statusOf(other, '/version')).toBe(200)
    for (const one of [other, ...sessions]) one.destroy()
  })

  it('a session that takes back its requests as fast as it can is ended (CVE-2023-44487), and others are answered', async () => {
    const rapid = session(lasting, admin)
    const over = ended(rapid)
    await once(rapid, 'remoteSettings')
    // Fewer than the HTTP/2 library itself would take ill, and none of them can have been answered: their bodies are to come.
    for (let round = 0; round < 6 && !rapid.destroyed && !rapid.closed; round++) {
      const path = '/api/v1/namespaces/default/configmaps'
      const requests = Array.from({ length: 100 }, () =>
        rapid.request({ ':method': 'POST', ':path': path }, { endStream: false }).on('error', () => {}),
      )
      // What is taken back in the same turn is never sent.
      await new Promise((resolve) => setImmediate(resolve))
      for (const one of requests) one.close(constants.NGHTTP2_CANCEL)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await over
    expect((await ask(lasting, '/api/v1/namespaces', admin)).code).toBe(200)
  })

  it.each([
    ['pings', (one: ClientHttp2Session) => one.ping(() => {})],
    ['settings', (one: ClientHttp2Session) => one.settings({ initialWindowSize: 65_535 })],
  ])('a session that says nothing but %s is ended', async (_name, say) => {
    const talker = connectHttp2(`https://127.0.0.1:${lasting}`, {
      ...{ ca: pki.ca, ...admin },
      ...{ maxOutstandingPings: 1_000_000, maxOutstandingSettings: 1_000_000 },
    }).on('error', () => {})
    const goaway = new Promise((resolve) => talker.once('goaway', resolve))
    const over = ended(talker)
    await once(talker, 'connect')
    while (!talker.destroyed && !talker.closed) {
      try {
        for (let index = 0; index < 8; index++) say(talker)
      } catch {
        // It is over, or has as many under way as it may.
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await over
    expect(await goaway).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })

  // Frames of RFC 9113 as bytes: no library says these without end.
  const frame = (type: number, flags: number, id: number, payload: readonly number[] = []) =>
    Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, id, ...payload])
  const hello = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)])
  const flood = (what: Buffer, as?: Pair, first = Buffer.alloc(0)): Promise<void> => {
    const socket = connectTls({ host: '127.0.0.1', port: lasting, ca: pki.ca, ...as, ALPNProtocols: ['h2'] })
    const many = Buffer.concat(Array.from({ length: 1000 }, () => what))
    const more = () => void (!socket.destroyed && socket.write(many, () => setImmediate(more)))
    socket.on('error', () => {}).on('data', () => {})
    socket.once('secureConnect', () => socket.write(Buffer.concat([hello, first]), more))
    return new Promise((resolve) => socket.once('close', () => resolve()))
  }

  it.each([
    ['frames that give room', frame(8, 0, 0, [0, 0, 0, 1])],
    ['frames of no known kind', frame(0x55, 0, 0)],
    ['frames of alternative services', frame(10, 0, 0, [0, 1, 97, 98, 99])],
  ])('a stranger that says nothing but %s, as fast as it can, is cut off', async (_name, what) => {
    await flood(what)
    expect((await ask(lasting, '/readyz')).code).toBe(200)
  })

  const text = (value: string) => [value.length, ...Buffer.from(value)]
  // HEADERS on stream 1 that end it: GET, https, and the path and the authority as literals (RFC 7541, 6.2).
  const watch = frame(1, 5, 1, [0x82, 0x87, 0x04, ...text('/api/v1/services?watch=true'), 0x01, ...text('hub')])
  it.each([
    ['of no request', Buffer.alloc(0)],
    ['of its watch', watch],
  ])('a session that does nothing but change the priority %s is ended, whoever has it', async (_name, first) => {
    await flood(frame(2, 0, 1, [0, 0, 0, 0, 10]), admin, first)
    expect((await ask(lasting, '/api/v1/namespaces', admin)).code).toBe(200)
  })

  it('a stranger has few requests at once', async () => {
    const stranger = session(lasting)
    await vi.waitFor(() => expect(stranger.remoteSettings.maxConcurrentStreams).toBe(16))
    expect(await statusOf(stranger, '/readyz')).toBe(200)
    stranger.destroy()
  })

  it.each(['system:kube-scheduler', 'system:kube-controller-manager', 'system:bramble:gateway', 'system:anonymous'])(
    'no certificate is good for the name %s, which is spoken inside the hub only',
    async (name) => {
      const forged = await pki.leaf(name, ['system:masters'], 'client')
      expect((await ask(lasting, '/api/v1/namespaces', forged)).code).toBe(401)
    },
  )
})
