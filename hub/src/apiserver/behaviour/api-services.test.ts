import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createLoopbackClient } from '../../client/loopback.ts'
import { empty } from '../../controllers/namespaces/empty.ts'
import { admin, createTestApi, type Json, nodeUser } from '../testing/api.ts'
import { createPki } from '../testing/pki.ts'
import { makeService, nodesLeadingTo, startRemoteServer } from '../testing/remote-server.ts'
import { stableOf } from '../testing/doors.ts'

const url = '/apis/apiregistration.k8s.io/v1/apiservices'
const door = stableOf(undefined)

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of opened.splice(0)) await stop()
})

it('the groups and versions of the hub are there as Local, while kinds come and go', async () => {
  const kinds = createKindSet(builtIn)
  const { json, server } = await createTestApi({ kinds })
  const names = async (): Promise<readonly string[]> => (await json('GET', url)).body.items.map(({ metadata }: Json) => metadata.name)
  const { groups } = (await json('GET', '/apis')).body
  const versions = groups.flatMap(({ name, versions: all }: Json) => all.map(({ version }: Json) => `${version}.${name}`))
  const first = await names()
  expect(first.toSorted()).toEqual(['v1.', ...versions].toSorted())
  expect(await json('GET', `${url}/v1.apps`)).toMatchObject({
    body: {
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 },
      status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
    },
  })
  kinds.add(door)
  await server.bootstrap()
  expect(await names()).toContain('v1.house.example.com')
  kinds.remove(door)
  await server.bootstrap()
  expect(await names()).toEqual(first)
  server.close()
})

const resources = [
  { name: 'flowers', singularName: 'flower', namespaced: true, kind: 'Flower', verbs: ['get', 'list', 'watch'], shortNames: ['fl'] },
  { name: 'flowers/status', singularName: '', namespaced: true, kind: 'Flower', verbs: ['get'] },
]
const listOf = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'garden.example.com/v1', resources }

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** A hub, an extension server behind the Service `garden` in `default`, and its APIService. */
async function garden(listener: Listener, { isService = true, spec = {} }: { isService?: boolean; spec?: Record<string, unknown> } = {}) {
  const remote = await startRemoteServer(
    (request, response) => {
      if (request.url === '/apis/garden.example.com/v1')
        return void response.setHeader('content-type', 'application/json').end(JSON.stringify(listOf))
      return listener(request, response)
    },
    { names: ['garden.default.svc'], requestCert: true, rejectUnauthorized: false },
  )
  opened.push(() => remote.stop())
  const proxies = await createPki()
  const identity = await proxies.leaf('front-proxy-client', [], 'client')
  const api = await createTestApi({
    openNodeStream: nodesLeadingTo(() => remote.port).openNodeStream,
    hasRouteTo: async () => false,
    frontProxy: { clientCa: 'clients', ca: proxies.ca, commonName: 'front-proxy-client', identity: () => identity },
  })
  opened.unshift(() => api.server.close())
  if (isService) await makeService(api.handle, { name: 'garden' })
  const name = 'v1.garden.example.com'
  const made = await api.json('POST', url, {
    body: {
      ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name } },
      spec: {
        ...{ group: 'garden.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, caBundle: remote.caBundle },
        service: { namespace: 'default', name: 'garden' },
        ...spec,
      },
    },
  })
  expect(made.code).toBe(201)
  const condition = async () => (await api.json('GET', `${url}/${name}`)).body.status?.conditions?.[0]
  await expect.poll(condition).toBeDefined()
  return { ...api, remote, condition, caOfProxies: proxies.ca }
}

describe('a group of another server', () => {
  it('is listed with what that tells, and its requests come there in the name of who asks, whom nobody else can claim to be', async () => {
    const seen: Json[] = []
    const { handle, json, condition, caOfProxies } = await garden((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method, url: at, rawHeaders } = request
        const named = rawHeaders.flatMap((name, n) => (n % 2 === 0 ? [[name.toLowerCase(), rawHeaders[n + 1] ?? '']] : []))
        const certificate = (request.socket as TLSSocket).getPeerCertificate()
        seen.push({ method, at, named, body: Buffer.concat(chunks).toString(), certificate: certificate.subject })
        response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-own': 'yes' }).end('{"kind":"Flower"}')
      })
    })
    expect(await condition()).toMatchObject({ type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' })
    const { body: groups } = await json('GET', '/apis')
    expect(groups.groups.at(-1)).toMatchObject({ name: 'garden.example.com', versions: [{ groupVersion: 'garden.example.com/v1' }] })
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    expect((await json('GET', '/apis', { accept })).body.items.at(-1)).toMatchObject({
      metadata: { name: 'garden.example.com' },
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [{ resource: 'flowers', shortNames: ['fl'], subresources: [{ subresource: 'status' }] }],
        },
      ],
    })
    expect((await json('GET', '/apis/garden.example.com/v1')).body).toEqual(listOf)
    expect((await json('GET', '/openapi/v3')).body.paths['apis/garden.example.com/v1']).toEqual({
      serverRelativeURL: '/openapi/v3/apis/garden.example.com/v1',
    })
    expect(await json('GET', '/openapi/v3/apis/garden.example.com/v1')).toMatchObject({ code: 201 })
    expect(seen.splice(0)).toMatchObject([{ at: '/openapi/v3/apis/garden.example.com/v1' }])
    expect((await json('GET', '/')).body.paths).toContain('/apis/garden.example.com/v1')

    const { signal } = new AbortController()
    const answer = await handle(
      {
        ...{ method: 'POST', path: '/apis/garden.example.com/v1/namespaces/a b/flowers', query: new URLSearchParams('dryRun=All'), signal },
        headers: {
          ...{ 'content-type': 'application/json', accept: 'application/json', authorization: 'Bearer secret', cookie: 'c=d' },
          ...{ 'x-remote-user': 'system:admin', 'x-remote-group': 'system:masters', 'x-remote-extra-a': 'b', 'user-agent': 'curl/8' },
        },
        body: Buffer.from('{"a":1}'),
      },
      {
        user: {
          name: 'anna',
          uid: 'u-1',
          groups: ['gardeners', 'system:authenticated', 'system:masters'],
          extra: { 'Example.com/role': ['x', 'y'] },
        },
        account: { of: 'others', name: 'anna' },
      },
    )
    expect(answer).toMatchObject({ type: 'stream', status: 201, contentType: 'application/json', headers: { 'x-own': 'yes' } })
    expect(answer.headers).not.toHaveProperty('set-cookie')
    expect(seen).toMatchObject([
      {
        ...{ method: 'POST', at: '/apis/garden.example.com/v1/namespaces/a%20b/flowers?dryRun=All', body: '{"a":1}' },
        certificate: { CN: 'front-proxy-client' },
      },
    ])
    const of = (prefix: string) => seen[0].named.filter(([name]: [string]) => name.startsWith(prefix))
    expect(of('x-remote-')).toEqual([
      ['x-remote-user', 'anna'],
      ['x-remote-uid', 'u-1'],
      ['x-remote-group', 'gardeners'],
      ['x-remote-group', 'system:authenticated'],
      ['x-remote-group', 'system:masters'],
      ['x-remote-extra-example.com%2frole', 'x'],
      ['x-remote-extra-example.com%2frole', 'y'],
    ])
    expect([...of('authorization'), ...of('cookie')]).toEqual([])
    expect(await json('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')).toMatchObject({
      body: {
        data: {
          ...{
            'client-ca-file': 'clients',
            'requestheader-client-ca-file': caOfProxies,
            'requestheader-allowed-names': '["front-proxy-client"]',
          },
          'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
        },
      },
    })
  })

  it('streams what it has to say, as it says it, until its reader goes', async () => {
    let isOver = false
    const { ask } = await garden((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"type":"ADDED"}\n')
      response.on('close', () => (isOver = true))
    })
    const reader = new AbortController()
    const answer = await ask('GET', '/apis/garden.example.com/v1/flowers?watch=1', { signal: reader.signal, userAgent: 'curl/8' })
    if (answer.type !== 'stream') throw new Error('expected a stream')
    for await (const bytes of answer.stream) {
      expect(Buffer.from(bytes).toString()).toBe('{"type":"ADDED"}\n')
      break
    }
    await expect.poll(() => isOver).toBe(true)
    isOver = false
    await ask('GET', '/apis/garden.example.com/v1/flowers?watch=1', { signal: reader.signal })
    reader.abort(new Error('gone'))
    await expect.poll(() => isOver).toBe(true)
  })

  it('is there for everybody, however many of its watches one program holds open', async () => {
    const { ask, condition } = await garden((_request, response) => void response.writeHead(200).write('{}\n'))
    await expect.poll(condition).toMatchObject({ status: 'True' })
    const programs = ['greedy', 'other'].map((name) => ({ user: admin, account: { of: 'administrators' as const, name } }))
    const [first, second] = programs
    const reader = new AbortController()
    const watch = (caller = first) => ask('GET', '/apis/garden.example.com/v1/flowers?watch=1', { caller, signal: reader.signal })
    const answers = await Promise.all(Array.from({ length: 65 }, () => watch()))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(64)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1)
    expect(await watch(second)).toMatchObject({ status: 200 })
    // Those that end make room.
    for (const answer of answers) if (answer.type === 'stream') await answer.stream[Symbol.asyncIterator]().return?.(undefined)
    await expect.poll(async () => (await watch()).status).toBe(200)
    reader.abort(new Error('gone'))
  })

  it('sends nobody elsewhere, and is asked by nobody who may not', async () => {
    const { ask, json } = await garden((_request, response) => void response.writeHead(307, { location: 'https://elsewhere/' }).end())
    expect(await ask('GET', '/apis/garden.example.com/v1/flowers')).toMatchObject({ status: 502, type: 'raw' })
    expect(await json('GET', '/apis/garden.example.com/v1/flowers', { user: nodeUser('pi-1') })).toMatchObject({ code: 403 })
  })

  it('that nobody answers for is 503, Stale in discovery, and tells why; the groups of the hub are as they were', async () => {
    const { json, condition } = await garden(() => {}, { isService: false })
    expect(await condition()).toMatchObject({
      ...{ status: 'False', reason: 'ServiceNotFound', message: 'service/garden in "default" is not present' },
    })
    expect(await json('GET', '/apis/garden.example.com/v1')).toMatchObject({
      code: 503,
      body: { kind: 'Status', reason: 'ServiceUnavailable', message: 'service unavailable' },
    })
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    expect((await json('GET', '/apis', { accept })).body.items.at(-1)).toMatchObject({ versions: [{ version: 'v1', freshness: 'Stale' }] })
    expect(await json('GET', '/apis/apps/v1/deployments')).toMatchObject({ code: 200 })
  })

  it.each([
    ['another port', { service: { namespace: 'default', name: 'garden', port: 444 } }, 'ServicePortError', 'is not listening on port 444'],
    ['another authority', { caBundle: undefined }, 'FailedDiscoveryCheck', 'certificate signed by unknown authority'],
    [
      'another path',
      { group: 'garden.example.com', version: 'v1', caBundle: undefined, insecureSkipTLSVerify: true },
      'Passed',
      'all checks passed',
    ],
  ])('is judged by %s', async (_what, spec, reason, message) => {
    const { condition } = await garden(() => {}, { spec })
    expect(await condition()).toMatchObject({ reason, message: expect.stringContaining(message) })
  })

  it('is never one that the hub stores itself', async () => {
    const { json } = await garden(() => {})
    const spec = { service: { namespace: 'default', name: 'garden' }, insecureSkipTLSVerify: true }
    expect(await json('PATCH', `${url}/v1.apps`, { body: { spec }, contentType: 'application/merge-patch+json' })).toMatchObject({
      code: 200,
    })
    expect(await json('GET', '/apis/apps/v1/deployments')).toMatchObject({ code: 200, body: { kind: 'DeploymentList' } })
  })
})

it('what another server keeps in a namespace is asked to go by the hub itself, and its refusals are told in its words', async () => {
  const asked: string[] = []
  let isHeld = true
  const { handle } = await garden((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.accept}`)
    response.setHeader('content-type', 'application/json')
    if (request.method === 'DELETE' && isHeld) {
      const refusal = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', message: 'rooted', code: 403 }
      return void response.writeHead(403).end(JSON.stringify(refusal))
    }
    const items = isHeld ? [{ metadata: { name: 'rose', namespace: 'default', finalizers: ['example.com/held'] } }] : []
    return void response.end(JSON.stringify({ kind: 'FlowerList', apiVersion: 'garden.example.com/v1', metadata: {}, items }))
  }, {})
  const client = createLoopbackClient({ handle, user: admin, manager: 'test' })
  const contents = [{ group: 'garden.example.com', version: 'v1', resource: 'flowers', kind: 'Flower', namespaced: true }]
  const { signal } = new AbortController()
  expect(await empty(client, { contents, namespace: 'default', signal })).toEqual({ left: [], failures: ['rooted'] })
  isHeld = false
  expect(await empty(client, { contents, namespace: 'default', signal })).toEqual({ left: [], failures: [] })
  expect(asked[0]).toBe('GET /apis/garden.example.com/v1/namespaces/default/flowers?limit=500 application/json')
  expect(asked[1]).toBe('DELETE /apis/garden.example.com/v1/namespaces/default/flowers/rose application/json')
})

it('a connection that its sender would upgrade is refused before it comes there, and what came there is counted', async () => {
  const { ask, remote } = await garden((_request, response) => void response.end('{}'))
  const at = '/apis/garden.example.com/v1/namespaces/default/flowers/rose/exec'
  const upgraded = await ask('GET', at, { headers: { connection: 'Upgrade', upgrade: 'websocket' } })
  expect(upgraded).toMatchObject({ status: 400, object: { message: expect.stringContaining('unable to upgrade connection') } })
  expect((await ask('GET', at)).status).toBe(200)
  expect(remote.connections()).toBeGreaterThan(0)
  const page = await ask('GET', '/metrics')
  expect(page.type === 'raw' && String(page.raw)).toContain(
    'rest_client_requests_total{code="200",host="garden.default.svc:443",method="GET"}',
  )
})
