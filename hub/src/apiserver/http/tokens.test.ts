import { connect as connectHttp2 } from 'node:http2'
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { withoutTokens } from '../authn/tokens/protocol-token.ts'
import type { Json } from '../testing/api.ts'
import { createPki, type Pair } from '../testing/pki.ts'
import { createTokenRoom } from '../testing/token-room.ts'
import { createHttpServer } from './server.ts'

const stop = new AbortController()
let running: Promise<void>
let port: number
let ca: string
let admin: Pair
let foreign: Pair
let room: Awaited<ReturnType<typeof createTokenRoom>>
let waiting: Promise<void> | undefined

beforeAll(async () => {
  const pki = await createPki()
  ca = pki.ca
  admin = await pki.leaf('bramble:admin', ['system:masters'], 'client')
  foreign = await (await createPki()).leaf('bramble:admin', ['system:masters'], 'client')
  room = await createTokenRoom()
  const apiGroup = 'rbac.authorization.k8s.io'
  await room.make(`/apis/${apiGroup}/v1/clusterrolebindings`, {
    ...{ apiVersion: `${apiGroup}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'accounts' } },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup, kind: 'Group', name: 'system:serviceaccounts:default' }],
  })
  const tls = { ...(await pki.leaf('hub', [], 'server')), ca }
  const limits = { strangers: { ofOne: 4, inAll: 8 }, known: { ofOne: 64, inAll: 64 }, strangerMs: 400 }
  const { handle, tokens, audit } = room.server
  const server = createHttpServer({
    ...{ handle, tls, address: '127.0.0.1', port: 0, log: silentLog, limits, sweepMs: 50, audit },
    tokens: {
      authenticate(token, audiences) {
        const verdict = tokens.authenticate(token, audiences)
        return waiting === undefined ? verdict : waiting.then(() => verdict)
      },
    },
  })
  running = server.run(stop.signal)
  port = await server.listening
})
afterAll(async () => {
  stop.abort()
  await running
})

type Said = {
  readonly as?: Pair
  readonly authorization?: string
  readonly body?: object
  readonly agent?: Agent
  readonly headers?: object
}
type Answer = { readonly code: number; readonly body: Json; readonly headers: IncomingHttpHeaders }
const ask = (method: string, path: string, { as, authorization, body, agent, headers }: Said = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const said = { 'content-type': 'application/json', ...headers, ...(authorization !== undefined && { authorization }) }
    const request = httpsRequest({ host: '127.0.0.1', port, method, path, ca, ...as, agent: agent ?? false, headers: said }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const isJson = response.headers['content-type']?.includes('json') === true
        resolve({ code: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text, headers: response.headers })
      })
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
const whoAmI = async (said: Said) => {
  const { code, body } = await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { ...said, body: {} })
  return code === 201 ? body.status.userInfo : code
}

it('who shows a token is its account, as client libraries write it', async () => {
  const token = await room.tokenOf()
  for (const authorization of [`Bearer ${token}`, `bearer ${token}`, ` Bearer ${token} `])
    expect(await whoAmI({ authorization })).toMatchObject({
      username: 'system:serviceaccount:default:robot',
      uid: room.robot.metadata.uid,
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
    })
})

it('a certificate goes before a token; a token before a certificate that is good for nothing', async () => {
  const authorization = `Bearer ${await room.tokenOf()}`
  expect(await whoAmI({ as: admin, authorization })).toMatchObject({ username: 'bramble:admin' })
  expect(await whoAmI({ as: admin, authorization: 'Bearer x' })).toMatchObject({ username: 'bramble:admin' })
  expect(await whoAmI({ as: foreign, authorization })).toMatchObject({ username: 'system:serviceaccount:default:robot' })
  expect(await whoAmI({ as: foreign, authorization: 'Bearer x' })).toBe(401)
})

it.each(['Bearer x', 'Bearer x y', `Bearer ${'A'.repeat(15_000)}`, 'Bearer a.b.c', 'bearer null'])(
  'a bad token is refused everything, also what anybody may read: %.20s',
  async (authorization) => {
    for (const path of ['/api/v1/pods', '/readyz', '/version'])
      expect(await ask('GET', path, { authorization })).toMatchObject({
        code: 401,
        body: { kind: 'Status', status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
      })
  },
)

it('who is turned away at the door stands in the audit log, and where a token that is shown was given', async () => {
  const [token, path] = [await room.tokenOf(), '/api/v1/namespaces/default/secrets?limit=1']
  const headers = { 'user-agent': 'thief/1', 'audit-id': 'b'.repeat(100) }
  const refused = await ask('GET', path, { authorization: 'Bearer x', headers })
  await ask('GET', path, { authorization: `Bearer ${token}`, headers: { 'user-agent': 'robot/1', 'audit-id': 'mine' } })
  await ask('GET', '/api/v1/namespaces/default/secrets/%ff', { as: admin })
  const page = await room.ask('GET', '/logs/audit')
  // Beside them stands the end of what others have asked, whenever that comes.
  const lines = page.type === 'raw' ? String(page.raw).trim().split('\n') : []
  const last = (isIt: (line: Json) => boolean): Json => lines.map((line): Json => JSON.parse(line)).findLast(isIt)
  const given = last(({ verb, objectRef }) => verb === 'create' && objectRef?.subresource === 'token')
  const unknown = last(({ userAgent }) => userAgent === 'thief/1')
  const known = last(({ userAgent }) => userAgent === 'robot/1')
  const odd = last(({ requestURI }) => requestURI.endsWith('/%ff'))
  const id = given.annotations['authentication.kubernetes.io/issued-credential-id']
  expect(id).toMatch(/^JTI=/)
  expect(unknown).toMatchObject({
    ...{ stage: 'ResponseStarted', verb: 'list', requestURI: path, user: {}, sourceIPs: ['127.0.0.1'], userAgent: 'thief/1' },
    ...{ responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' } },
  })
  expect(unknown.auditID).toBe(refused.headers['audit-id'])
  expect(unknown.auditID).not.toContain('bbb')
  expect(known).toMatchObject({
    auditID: 'mine',
    requestURI: path,
    user: { extra: { 'authentication.kubernetes.io/credential-id': [id] } },
  })
  expect(odd).toMatchObject({ user: { username: 'bramble:admin' }, responseStatus: { code: 400 } })
})

it.each(['Basic YTpi', 'Bearer', 'Bearer ', '', 'token abc'])('what is no token is nothing: %j', async (authorization) => {
  expect((await ask('GET', '/readyz', { authorization })).code).toBe(200)
  expect((await ask('GET', '/api/v1/pods', { authorization })).code).toBe(401)
})

it('headers that are too large cost their connection, and nobody else', async () => {
  const huge = { authorization: `Bearer ${'A'.repeat(200_000)}` }
  const { code } = await ask('GET', '/readyz', huge).catch(() => ({ code: 0 }))
  expect([0, 431]).toContain(code)
  expect((await ask('GET', '/readyz')).code).toBe(200)
})

it('the connection of an account lasts, has as many requests at once as others, and may send large bodies', async () => {
  const authorization = `Bearer ${await room.tokenOf()}`
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca })
  const get = (headers: object = {}) =>
    new Promise<number>((resolve, reject) => {
      const stream = session.request({ ':path': '/api/v1/namespaces', authorization, ...headers })
      stream.on('response', (answer) => resolve(Number(answer[':status']))).on('error', reject)
      stream.resume().end()
    })
  expect(await get()).toBe(200)
  const closed = vi.fn()
  const stranger = connectHttp2(`https://127.0.0.1:${port}`, { ca })
  const strangerLeft = new Promise((resolve) => stranger.on('close', resolve))
  session.on('close', closed).on('goaway', closed)
  const value = 'x'.repeat(300_000)
  const made = await ask('POST', `${room.inDefault}/configmaps`, {
    authorization,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data: { value } },
  })
  expect(made.code).toBe(201)
  await vi.waitFor(async () => expect(session.remoteSettings.maxConcurrentStreams).toBe(250))
  expect(await Promise.all(Array.from({ length: 40 }, () => get()))).toEqual(Array.from({ length: 40 }, () => 200))
  // Strangers who come after it take no place of it, and who was known is refused when he shows what is good for nothing.
  for (let index = 0; index < 12; index++) await ask('GET', '/readyz')
  expect(await get({ authorization: 'Bearer x' })).toBe(401)
  await strangerLeft
  expect(await get()).toBe(200)
  expect(closed).not.toHaveBeenCalled()
  session.destroy()
})

describe('a token among the protocols of a WebSocket', () => {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  const shown = (token: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`
  /** Of a pod that there is not, who may know that hears it. */
  const exec = '/api/v1/namespaces/default/pods/none/exec?command=true&stdout=true'
  const codeFor = async (protocols: string, headers: object = upgrade) =>
    (await ask('GET', exec, { headers: { ...headers, 'sec-websocket-protocol': protocols } })).code

  it('is good where a page in a browser can say it nowhere else', async () => {
    const token = await room.tokenOf()
    expect(await codeFor(`${shown(token)}, v5.channel.k8s.io`)).toBe(404)
    expect(await codeFor(`v5.channel.k8s.io,${shown(token)}`)).toBe(404)
  })

  it('is none without another protocol, with another token, when nobody knows it, or outside of a WebSocket', async () => {
    const token = await room.tokenOf()
    expect(await codeFor(shown(token))).toBe(401)
    expect(await codeFor(`${shown(token)}, ${shown(token)}, v5.channel.k8s.io`)).toBe(401)
    expect(await codeFor(`${shown('nobody')}, v5.channel.k8s.io`)).toBe(401)
    expect(await codeFor(`${shown(token)}=, v5.channel.k8s.io`)).toBe(401)
    expect(await codeFor(`${shown(token)}, v5.channel.k8s.io`, { ...upgrade, upgrade: 'SPDY/3.1' })).toBe(401)
    expect(await codeFor(`${shown(token)}, v5.channel.k8s.io`, {})).toBe(401)
  })

  it('goes no further than the door', () => {
    const headers = { 'sec-websocket-protocol': `a, ${shown('token')}, b`, accept: '*/*' }
    expect(withoutTokens(headers)).toEqual({ 'sec-websocket-protocol': 'a, b', accept: '*/*' })
    expect(withoutTokens({ 'sec-websocket-protocol': shown('token') })).toEqual({})
  })
})

it('over HTTP/1.1 its connection is kept, as that of a stranger is not', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const authorization = `Bearer ${await room.tokenOf()}`
  expect((await ask('GET', '/api/v1/namespaces', { authorization, agent })).headers.connection).toBe('keep-alive')
  expect((await ask('GET', '/readyz', { agent })).headers.connection).toBe('close')
  agent.destroy()
})

it('groups of whom somebody wants to be taken for are one a header, whatever commas they have', async () => {
  const headers = { 'impersonate-user': 'anne', 'impersonate-group': ['a', 'b, c'], 'impersonate-extra-Scopes': ['x', 'y'] }
  expect(await whoAmI({ as: admin, headers })).toMatchObject({
    ...{ username: 'anne', groups: ['a', 'b, c', 'system:authenticated'] },
    extra: { scopes: ['x', 'y'] },
  })
})

it('a watch ends with the account that opened it', async () => {
  const { make, accounts, json, tokenOf } = room
  await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'short' } })
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca })
  const authorization = `Bearer ${await tokenOf({}, 'short')}`
  const stream = session.request({ ':path': '/api/v1/namespaces?watch=true', authorization })
  const ended = vi.fn()
  stream.on('close', ended).on('error', () => {})
  await new Promise((resolve) => stream.once('data', resolve))
  expect(ended).not.toHaveBeenCalled()
  await json('DELETE', `${accounts}/short`)
  await vi.waitFor(() => expect(ended).toHaveBeenCalled())
  session.destroy()
})

it('who waits until his token can be looked at is heard as a stranger, and answered as who he is', async () => {
  const authorization = `Bearer ${await room.tokenOf()}`
  let look = () => {}
  waiting = new Promise((resolve) => (look = resolve))
  const asked = whoAmI({ authorization })
  const left = new AbortController()
  const gone = new Promise<void>((resolve) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      path: '/api',
      ca,
      agent: false,
      headers: { authorization },
      signal: left.signal,
    })
    request.on('error', () => resolve()).end()
  })
  expect((await ask('GET', '/readyz')).code).toBe(200)
  left.abort()
  await gone
  look()
  expect(await asked).toMatchObject({ username: 'system:serviceaccount:default:robot' })
  waiting = undefined
})
