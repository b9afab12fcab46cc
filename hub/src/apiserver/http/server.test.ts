import type { ClientRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Budget, createBudget } from '../fairness/budget.ts'
import { createHttpServer, type TlsFiles } from './server.ts'
import { configMap, createTestApi, type Json } from '../testing/api.ts'
import { createPki, type Pair } from '../testing/pki.ts'

type Answer = { readonly code: number; readonly body: Json; readonly headers: Readonly<Record<string, unknown>> }

describe('the HTTPS door', () => {
  const stop = new AbortController()
  let running: Promise<void>
  let port: number
  let ca: string
  let ours: Awaited<ReturnType<typeof createPki>>
  let admin: Pair
  let stranger: Pair
  let server: ReturnType<typeof createHttpServer>
  const lines: string[] = []
  let ahead = 0
  let watches = () => 0
  let bodies = 0
  let accepted: string | undefined

  beforeAll(async () => {
    const pki = await createPki()
    ours = pki
    ca = pki.ca
    admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
    stranger = await (await createPki()).leaf('bramble:admin', ['system:masters'], 'client')
    const { handle: serve, store } = await createTestApi()
    const handle: typeof serve = (request, caller) => {
      accepted = request.headers['accept']
      return serve(request, caller)
    }
    watches = () => store.stats.watches
    const tls: TlsFiles = { ...(await pki.leaf('hub', [], 'server')), ca }
    const clock = { ...systemClock, now: () => Date.now() + ahead }
    const log = createLog({ level: 'warn', write: (line) => void lines.push(line) })
    const budget: Budget = {
      ...createBudget({ clock }),
      takeBody(_account, bytes) {
        bodies += bytes
        return true
      },
      waitForBody(_account, bytes) {
        bodies += bytes
        return Promise.resolve(true)
      },
      giveBackBody: (_account, bytes) => void (bodies -= bytes),
    }
    server = createHttpServer({ handle, tls, address: '127.0.0.1', port: 0, log, clock, budget, maxBodyBytes: 10_000 })
    running = server.run(stop.signal)
    port = await server.listening
  })
  afterAll(async () => {
    stop.abort()
    await running
    expect(lines).toEqual([])
  })

  type Said = { readonly as?: Pair; readonly body?: string; readonly accept?: string }
  const http1 = (method: string, path: string, { as, body, accept = '*/*' }: Said = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(
        { host: '127.0.0.1', port, method, path, ca, ...as, agent: false, headers: { 'content-type': 'application/json', accept } },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve({ code: response.statusCode ?? 0, body: asJson(text), headers: response.headers }))
        },
      )
      request.on('error', reject)
      request.end(body)
    })

  it.each(['application/vnd.bramble.objects', 'application/vnd.bramble.objects;only=metadata'])(
    'answers JSON to who asks for what the hub keeps for its own parts: %s',
    async (accept) => {
      const { code, body } = await http1('GET', '/api/v1/namespaces', { as: admin, accept })
      expect([code, body.kind, accepted]).toEqual([200, 'NamespaceList', 'application/json'])
    },
  )

  it.each([
    ['OPTIONS', '/api/v1/namespaces/default/configmaps', 405],
    ['TRACE', '/api/v1/namespaces/default', 405],
    ['OPTIONS', '/api', 405],
    ['OPTIONS', '/version', 405],
    ['OPTIONS', '/api/v1/none', 404],
    ['TRACE', '/none', 404],
    ['OPTIONS', '/api/v1/pods/x', 404],
    ['OPTIONS', '/', 200],
    ['TRACE', '/apis/apps', 200],
    ['OPTIONS', '/readyz', 200],
  ] as const)('%s %s, which is no verb of the API, is %i, as in Kubernetes', async (method, path, code) => {
    expect(await http1(method, path, { as: admin })).toMatchObject({ code, ...(code === 405 && { body: { reason: 'MethodNotAllowed' } }) })
    expect((await http1(method, path)).code).toBe(401)
  })

  it('tells how large answers to reads and events of watches are', async () => {
    const page = async () => String((await http1('GET', '/metrics', { as: admin })).body)
    const of = 'resource="serviceaccounts",group="",version="v1"'
    const read = `apiserver_response_sizes_count{verb="GET",${of},subresource="",scope="resource",component="apiserver"}`
    const listed = `apiserver_response_sizes_count{verb="LIST",${of},subresource="",scope="cluster",component="apiserver"}`
    for (const path of ['/namespaces/default/serviceaccounts/none', '/serviceaccounts']) await http1('GET', `/api/v1${path}`, { as: admin })
    const watched = '/api/v1/namespaces?watch=true&timeoutSeconds=1&resourceVersion=0'
    await http1('GET', watched, { as: admin })
    const text = await page()
    expect(text).toContain(`${read} 1\n`)
    expect(text).toContain(`${listed} 1\n`)
    expect(text).toMatch(/^apiserver_response_sizes_sum\{verb="LIST",.*resource="serviceaccounts".*\} [1-9]\d*$/m)
    expect(text).toMatch(/^apiserver_watch_events_sizes_count\{group="",version="v1",resource="namespaces"\} [1-9]\d*$/m)
    expect(text).toMatch(/^apiserver_watch_events_sizes_bucket\{.*resource="namespaces",le="1024"\} [1-9]\d*$/m)
  })

  it('a watcher that goes away at once leaves none, and HEAD is for what is no resource, as in Kubernetes', async () => {
    const baseline = watches()
    const path = '/api/v1/namespaces/default/configmaps?watch=true'
    for (const resource of [path, '/api/v1/namespaces/default/configmaps', '/api/v1', '/api', '/apis/apps/v1', '/version'])
      expect(await http1('HEAD', resource, { as: admin })).toMatchObject({ code: 405, headers: { allow: expect.stringContaining('GET') } })
    for (const other of ['/', '/readyz', '/livez/ping', '/metrics', '/openapi/v3', '/apis', '/apis/apps'])
      expect((await http1('HEAD', other, { as: admin })).code).toBe(200)
    expect(watches()).toBe(baseline)
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, cert: admin.cert, key: admin.key })
    for (let index = 0; index < 20; index++)
      session
        .request({ ':path': path })
        .on('error', () => {})
        .close(8)
    const open = session.request({ ':path': path })
    open.on('error', () => {})
    await vi.waitFor(() => expect(watches()).toBe(baseline + 1))
    session.destroy()
    await vi.waitFor(() => expect(watches()).toBe(baseline))
  })

  it('lets nobody but certificate holders in, and tells everyone whether there is a hub', async () => {
    expect(await http1('GET', '/readyz')).toMatchObject({ code: 200, body: 'ok' })
    expect((await http1('GET', '/version')).body.minor).toBe('35')
    expect(await http1('GET', '/api/v1/namespaces')).toMatchObject({ code: 401, body: { kind: 'Status', reason: 'Unauthorized' } })
    expect((await http1('GET', '/api/v1/namespaces', { as: stranger })).code).toBe(401)
    expect((await http1('GET', '/api/v1/namespaces', { as: admin })).body.items).toHaveLength(4)
  })

  it('lets in whom TLS calls expired while the hub has reason not to believe its clock, and nobody else', async () => {
    const pki = await createPki()
    const day = 24 * 3600 * 1000
    const ended = { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) }
    const codeOf = async (as: Pair) => (await http1('GET', '/api/v1/namespaces', { as })).code
    const late = await ours.leaf('bramble:admin', ['system:masters'], 'client', ended)
    expect(await codeOf(late)).toBe(401)
    ahead = -2 * day
    expect(await codeOf(late)).toBe(200)
    expect(await codeOf(await pki.leaf('bramble:admin', ['system:masters'], 'client', ended))).toBe(401)
    expect(await codeOf(await ours.leaf('bramble:admin', ['system:masters'], 'server', ended))).toBe(401)
    ahead = 0
  })

  it('ends the rights of a certificate with its time, also on a connection that is open', async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, ...admin })
    const status = async () => {
      const stream = session.request({ ':path': '/api/v1/namespaces' })
      stream.resume()
      return new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])))
    }
    expect(await status()).toBe(200)
    ahead = 5 * 365 * 24 * 3600 * 1000
    expect(await status()).toBe(401)
    ahead = 0
    expect(await status()).toBe(200)
    session.destroy()
  })

  it('takes bodies up to its limit and says what the limit is', async () => {
    const path = '/api/v1/namespaces/default/configmaps'
    const made = await http1('POST', path, { as: admin, body: JSON.stringify(configMap('a', { k: 'v' })) })
    expect(made.code).toBe(201)
    expect(made.headers['audit-id']).toEqual(expect.any(String))
    const large = await http1('POST', path, { as: admin, body: JSON.stringify(configMap('b', { k: 'v'.repeat(20_000) })) })
    expect(large).toMatchObject({ code: 413, body: { reason: 'RequestEntityTooLarge' } })
    expect((await http1('POST', path, { as: admin, body: '{"kind":' })).code).toBe(400)
  })

  it('the memory for a body is given back whatever becomes of its request', async () => {
    const body = 'v'.repeat(9000)
    const asked = Array.from({ length: 20 }, () => http1('POST', '/api/v1/namespaces/%ff/configmaps', { as: admin, body }))
    expect((await Promise.all(asked)).map(({ code }) => code)).toEqual(asked.map(() => 400))
    await vi.waitFor(() => expect(bodies).toBe(0))
  })

  it('compresses large lists for readers on other machines only', async () => {
    const path = '/api/v1/namespaces/kube-public/configmaps'
    for (let index = 0; index < 20; index++)
      await http1('POST', path, { as: admin, body: JSON.stringify(configMap(`big${index}`, { k: 'v'.repeat(9000) })) })
    const encoding = (localAddress: string) =>
      new Promise((resolve, reject) => {
        const headers = { 'accept-encoding': 'gzip' }
        const request = httpsRequest({ host: '127.0.0.1', port, path, ca, ...admin, agent: false, headers, localAddress }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const bytes = Buffer.concat(chunks)
            const isGzip = response.headers['content-encoding'] === 'gzip'
            resolve([isGzip, JSON.parse(String(isGzip ? gunzipSync(bytes) : bytes)).items.length])
          })
        })
        request.on('error', reject).end()
      })
    expect(await encoding('127.0.0.1')).toEqual([false, 20])
    expect(await encoding('127.0.0.2')).toEqual([true, 20])
  })

  it('says which address it cannot have', async () => {
    const { handle: serve, store } = await createTestApi()
    const handle: typeof serve = (request, caller) => {
      accepted = request.headers['accept']
      return serve(request, caller)
    }
    watches = () => store.stats.watches
    const tls = { ...admin, ca }
    const second = createHttpServer({ handle, tls, address: '127.0.0.1', port, log: createLog({ write: () => {} }) })
    await expect(second.run(new AbortController().signal)).rejects.toThrow(`the HTTPS port ${port} is in use by another program`)
    await expect(second.listening).rejects.toThrow('is in use by another program')
  })

  it('speaks HTTP/2, several streams at once, and a watch tells of a change while others go on', async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, ...admin })
    const watch = session.request({ ':path': '/api/v1/namespaces/default/configmaps?watch=true&labelSelector=w%3D1' })
    const changed = new Promise<Json>((resolve) => watch.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString()))))
    await new Promise((resolve) => watch.once('response', resolve))
    await http1('POST', '/api/v1/namespaces/default/configmaps', {
      as: admin,
      body: JSON.stringify(configMap('w', {}, { labels: { w: '1' } })),
    })
    expect(await changed).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'w' } } })
    watch.close()
    const closed = new Promise((resolve) => session.once('close', resolve))
    session.close()
    await closed
  })

  it('outlives watchers that vanish, and forgets them', async () => {
    const path = '/api/v1/namespaces/kube-system/configmaps'
    const watchers = await Promise.all(
      Array.from(
        { length: 5 },
        () =>
          new Promise<ClientRequest>((resolve) => {
            const request = httpsRequest({ host: '127.0.0.1', port, path: `${path}?watch=true`, ca, ...admin, agent: false })
            request.on('response', (response) => {
              response.on('error', () => {})
              resolve(request)
            })
            request.on('error', () => {}).end()
          }),
      ),
    )
    const open = async () => /watchers\{resource="configmaps"\} (\d+)/.exec((await http1('GET', '/metrics', { as: admin })).body)?.[1]
    expect(Number(await open())).toBeGreaterThanOrEqual(5)
    const writes = Array.from({ length: 20 }, (_, index) =>
      http1('POST', path, { as: admin, body: JSON.stringify(configMap(`v${index}`)) }),
    )
    for (const watcher of watchers) watcher.destroy()
    for (const { code } of await Promise.all(writes)) expect(code).toBe(201)
    await vi.waitFor(async () => expect(await open()).toBe('0'))
  })

  it('answers with a new certificate once it is given one, without closing what is open', async () => {
    const pki = await createPki()
    const other = await pki.leaf('hub', [], 'server')
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, ...admin })
    await new Promise((resolve) => session.once('connect', resolve))
    server.setTls({ ...other, ca: pki.ca })
    await expect(http1('GET', '/version')).rejects.toThrow(/certificate/)
    const answer = session.request({ ':path': '/version' })
    answer.resume()
    expect(await new Promise((resolve) => answer.once('response', (headers) => resolve(headers[':status'])))).toBe(200)
    session.destroy()
  })
})

const asJson = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
