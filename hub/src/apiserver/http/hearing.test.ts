import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type DoorLimits } from './server.ts'
import { failureResponse } from '../answers/status.ts'
import { createPki, type Pair } from '../testing/pki.ts'
import { closing } from '../../testing/closing.ts'

const limits: DoorLimits = { strangers: { ofOne: 20, inAll: 40 }, known: { ofOne: 30, inAll: 60 }, strangerMs: 60_000, refusalMs: 200 }
const tooMuch = () => new ApiError('TooManyRequests', 'too much of you', { retryAfterSeconds: 1 })

describe('whom the HTTPS door listens to', () => {
  const stop = new AbortController()
  let running: Promise<unknown>
  let pki: Awaited<ReturnType<typeof createPki>>
  let greedy: Pair
  let port: number
  let lasting: number
  let handled = 0

  beforeAll(async () => {
    pki = await createPki()
    greedy = await pki.leaf('greedy', [], 'client')
    const common = {
      handle: ({ path }: { readonly path: string }) => {
        handled += 1
        return path === '/fine' || path === '/readyz'
          ? Promise.resolve({ type: 'raw' as const, status: 200, contentType: 'text/plain', raw: 'ok' })
          : Promise.resolve(failureResponse(tooMuch()))
      },
      tls: { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca },
      address: '127.0.0.1',
      port: 0,
      log: silentLog,
    }
    const hasty = createHttpServer({ ...common, limits })
    // In which no refusal is told in the time of a test.
    const patient = createHttpServer({ ...common, limits: { ...limits, refusalMs: 3_600_000 } })
    running = Promise.all([hasty.run(stop.signal), patient.run(stop.signal)])
    port = await hasty.listening
    lasting = await patient.listening
  })
  afterAll(async () => {
    stop.abort()
    await running
  })

  const session = (at: number, as?: Pair): ClientHttp2Session =>
    connectHttp2(`https://127.0.0.1:${at}`, { ca: pki.ca, ...as }).on('error', () => {})
  const ask = (one: ClientHttp2Session, path: string) => one.request({ ':path': path }).on('error', () => {})
  const answer = async (one: ClientHttp2Session, path: string) => {
    const [headers] = (await once(ask(one, path).resume(), 'response')) as [Record<string, unknown>]
    return headers
  }
  const ended = (one: ClientHttp2Session) => new Promise<void>((resolve) => one.once('close', () => resolve()))

  it('who asks too much is told so, and when to come back', async () => {
    const one = session(port, greedy)
    expect(await answer(one, '/too-much')).toMatchObject({ ':status': 429, 'retry-after': '1' })
    one.destroy()
  })

  it('who goes on asking while its refusals wait is not answered 429 by the thousand: its sessions end, others are served', async () => {
    const other = session(lasting, await pki.leaf('other', [], 'client'))
    const first = session(lasting, greedy)
    const second = session(lasting, greedy)
    const over = ended(second)
    handled = 0
    for (let index = 0; index < 240; index++) ask(first, '/too-much')
    // It has these under way before the second session begins.
    expect(await answer(first, '/fine')).toMatchObject({ ':status': 200 })
    for (let index = 0; index < 240; index++) ask(second, '/too-much')
    await over
    // 256 wait, one was too many, and of all that came after it the apiserver heard nothing.
    expect(handled).toBe(1 + 257)
    expect(await answer(other, '/fine')).toMatchObject({ ':status': 200 })
    // A new connection is no new beginning.
    const third = session(lasting, greedy)
    const thirdOver = ended(third)
    ask(third, '/fine')
    await thirdOver
    expect(handled).toBe(1 + 257 + 1)
    for (const one of [other, first]) one.destroy()
  })

  it('a program of the administrator that does not wait loses its sessions, and his other programs do not', async () => {
    const anne = await pki.leaf('anne', ['system:masters'], 'client')
    const as = (agent: string) => {
      const one = session(lasting, anne)
      return { one, ask: (path: string) => one.request({ ':path': path, 'user-agent': agent }).on('error', () => {}) }
    }
    const [first, second, kubectl] = [as('dashboard/1.0'), as('dashboard/1.0'), as('kubectl/v1.35.0')]
    const over = ended(second.one)
    for (let index = 0; index < 240; index++) first.ask('/too-much')
    for (let index = 0; index < 240; index++) second.ask('/too-much')
    await over
    const [headers] = (await once(kubectl.ask('/fine').resume(), 'response')) as [Record<string, unknown>]
    expect(headers).toMatchObject({ ':status': 200 })
    for (const { one } of [first, kubectl]) one.destroy()
  })

  it('requests that are pipelined over HTTP/1.1 end their connection: one read of it would bring thousands', async () => {
    handled = 0
    const piper = connectTls({ host: '127.0.0.1', port: lasting, ca: pki.ca, ...greedy }).on('error', () => {})
    const over = closing(piper)
    piper.write('GET /fine HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2000))
    await over
    expect(handled).toBeLessThanOrEqual(1)
  })

  it('a stranger that asks for more than a load balancer does loses its connections, and others of its address do not', async () => {
    const known = session(port, greedy)
    expect(await answer(known, '/fine')).toMatchObject({ ':status': 200 })
    const stranger = session(port)
    const over = ended(stranger)
    let served = 0
    while (!stranger.destroyed && !stranger.closed) {
      const asked = ask(stranger, '/readyz').resume()
      asked.on('response', () => (served += 1))
      await new Promise<void>((resolve) => asked.once('close', () => resolve()))
      if (served > 2000) break
    }
    await over
    expect(served).toBeLessThan(1000)
    expect(await answer(known, '/fine')).toMatchObject({ ':status': 200 })
    known.destroy()
  })
})
