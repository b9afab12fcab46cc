import { connect as connectHttp2 } from 'node:http2'
import { afterEach, expect, test } from 'vitest'
import { X509Certificate } from 'node:crypto'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { keyHashOf } from '@bramble/shared/identity/node-key.ts'
import { hubParts } from '../../../hub/src/apiserver/authz/hub-parts.ts'
import { createHttpServer } from '../../../hub/src/apiserver/http/server.ts'
import { admin, createTestApi, nodeUser } from '../../../hub/src/apiserver/testing/api.ts'
import { createLoopbackClient } from '../../../hub/src/client/loopback.ts'
import { createNodeTrust } from '../../../hub/src/identity/joining/node-trust.ts'
import { createTestCa } from './certificates.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'
import { rawClient, rawNodeAs } from './raw-client.ts'

const ca = createTestCa()
const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

const certificateFor = (node: string) => ca.issue(`/O=system:nodes/CN=system:node:${node}`)
type Pair = ReturnType<typeof certificateFor>
const keyOf = ({ certificate }: Pair) => keyHashOf(new X509Certificate(certificate))

/** The apiserver and the broker's door as `app.ts` puts them together. */
async function open({ isOver = (_notAfter: number): boolean => false } = {}) {
  const { handle, json, server } = await createTestApi()
  const gateway = createLoopbackClient({ handle, ...hubParts.gateway })
  const trust = { ...server.nodeKeys, admit: createNodeTrust({ keys: server.nodeKeys, client: gateway }), isOver }
  const hub = keep(await startHub(handle, { ca, trust }))
  const register = (node: string, key: string | undefined) =>
    gateway.create(
      { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false },
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: node, ...(key !== undefined && { annotations: { 'bramble.io/key': key } }) },
      },
    )
  const node = async (name: string, pair: Pair) => {
    const raw = await rawNodeAs(hub, name, pair)
    keep({ stop: raw.end })
    raw.hello()
    return raw
  }
  const says = async (raw: Awaited<ReturnType<typeof rawNodeAs>>, type: string) => {
    await until(() => raw.received.some(({ header }) => header.t === type), type)
    return raw.received.find(({ header }) => header.t === type)?.header
  }
  return { hub, json, handle, server, register, node, says }
}

const connackOf = async (hub: { ca: typeof ca; port: number }, clientId: string, pair: Pair | undefined, options: object = {}) => {
  const raw = await rawClient(hub, clientId, pair, options)
  keep({ stop: raw.end })
  await Promise.race([raw.connack, raw.closed])
  return { outcome: raw.outcome, code: await Promise.race([raw.connack, raw.closed]) }
}

test('kubectl delete node ends its session at once, saying how to come back, and its certificate is good for nothing more', async () => {
  const { hub, json, register, node, says } = await open()
  const pair = certificateFor('pi-1')
  await register('pi-1', keyOf(pair))
  const raw = await node('pi-1', pair)
  await says(raw, 'welcome')
  expect((await json('DELETE', '/api/v1/nodes/pi-1')).code).toBe(200)
  // Within some turns of the loop, and not when the hub looks again at all of them.
  for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve))
  expect(hub.gateway.connectedNodes()).toEqual([])
  expect((await says(raw, 'bye'))?.['reason']).toMatch(/pi-1 .*its Node was deleted.*bramble token create/)
  expect(await raw.closed).toBe('closed')
  expect(hub.gateway.connectedNodes()).toEqual([])
  expect(await connackOf(hub, 'node:pi-1', pair)).toEqual({ outcome: 'closed', code: 5 })
})

test('after a re-join the old certificate is refused and its session ends; the new one works', async () => {
  const { hub, json, register, node, says } = await open()
  const [old, now] = [certificateFor('pi-1'), certificateFor('pi-1')]
  await register('pi-1', keyOf(old))
  const before = await node('pi-1', old)
  await says(before, 'welcome')
  await json('DELETE', '/api/v1/nodes/pi-1')
  await register('pi-1', keyOf(now))
  expect(await before.closed).toBe('closed')
  expect(await connackOf(hub, 'node:pi-1', old)).toEqual({ outcome: 'closed', code: 5 })
  await says(await node('pi-1', now), 'welcome')
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('a board whose Node was deleted comes back by a new token, although it still has what it joined with before', async () => {
  const { hub, register } = await open()
  const now = certificateFor('pi-1')
  let asked = 0
  const rejoin = async () => {
    asked += 1
    await register('pi-1', keyOf(now))
    return { node: 'pi-1', ca: ca.caPem, ...now }
  }
  const board = keep(startNode('pi-1', hub, { rejoin }))
  await until(() => hub.gateway.connectedNodes().includes('pi-1'), 'it is back')
  expect(asked).toBe(1)
  expect(board.credentials.current()?.certificate).toBe(now.certificate)
})

test('a token that the hub refuses is shown once, and the board goes on trying with what it has', async () => {
  const { hub, register } = await open()
  let asked = 0
  const rejoin = async () => {
    asked += 1
    throw new ApiError('Unauthorized', 'this token was used already')
  }
  const board = keep(startNode('pi-1', hub, { rejoin }))
  await until(() => asked > 0, 'the token is shown')
  await register('pi-1', keyHashOf(new X509Certificate(board.credentials.current()?.certificate ?? '')))
  await until(() => hub.gateway.connectedNodes().includes('pi-1'), 'the old certificate is good again')
  expect(asked).toBe(1)
})

test('a Node without a key takes the first that comes, and no other after that', async () => {
  const { hub, json, register, node, says } = await open()
  const [first, second] = [certificateFor('pi-1'), certificateFor('pi-1')]
  await register('pi-1', undefined)
  await says(await node('pi-1', first), 'welcome')
  expect((await json('GET', '/api/v1/nodes/pi-1')).body.metadata.annotations['bramble.io/key']).toBe(keyOf(first))
  expect(await connackOf(hub, 'node:pi-1', second)).toEqual({ outcome: 'closed', code: 5 })
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('neither a node nor an administrator writes the key of a Node; an administrator may take it away, which ends the session', async () => {
  const { json, register, node, says } = await open()
  const pair = certificateFor('pi-1')
  await register('pi-1', keyOf(pair))
  const raw = await node('pi-1', pair)
  await says(raw, 'welcome')
  const patch = (user: typeof admin, key: string | null, path = '/api/v1/nodes/pi-1') =>
    json('PATCH', path, {
      user,
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { 'bramble.io/key': key } } },
    })
  for (const user of [nodeUser('pi-1'), admin]) {
    expect(await patch(user, 'sha256:00')).toMatchObject({ code: 403, body: { message: expect.stringContaining('bramble.io/key') } })
    expect(
      (
        await json('POST', '/api/v1/nodes', {
          user,
          body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', annotations: { 'bramble.io/key': 'x' } } },
        })
      ).code,
    ).toBe(403)
  }
  expect((await patch(nodeUser('pi-1'), null)).code).toBe(403)
  await patch(nodeUser('pi-1'), null, '/api/v1/nodes/pi-1/status')
  expect((await json('GET', '/api/v1/nodes/pi-1')).body.metadata.annotations['bramble.io/key']).toBe(keyOf(pair))
  expect((await patch(admin, null)).code).toBe(200)
  expect((await json('GET', '/api/v1/nodes/pi-1')).body.metadata.annotations?.['bramble.io/key']).toBeUndefined()
})

test('a session never outlives its certificate', async () => {
  let over = false
  const { hub, register, node, says } = await open({ isOver: () => over })
  const pair = certificateFor('pi-1')
  await register('pi-1', keyOf(pair))
  const raw = await node('pi-1', pair)
  await says(raw, 'welcome')
  over = true
  expect(await raw.closed).toBe('closed')
  expect(await connackOf(hub, 'node:pi-1', pair)).toEqual({ outcome: 'closed', code: 5 })
})

test('HTTPS refuses any key but that of the Node, and ends the watches of a node that is deleted', async () => {
  const { json, handle, server, register } = await open()
  const [right, wrong] = [certificateFor('pi-1'), certificateFor('pi-1')]
  await register('pi-1', keyOf(right))
  const own = ca.issue('/CN=hub', { hosts: 'IP:127.0.0.1' })
  const https = createHttpServer({
    ...{ handle, nodeKeys: server.nodeKeys, address: '127.0.0.1', port: 0, log: silentLog, clock: systemClock },
    tls: { cert: own.certificate, key: own.key, ca: ca.caPem },
  })
  keep(start([https]))
  const port = await https.listening
  const ask = (pair: Pair, path: string) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: ca.caPem, cert: pair.certificate, key: pair.key })
    session.on('error', () => {})
    keep({ stop: () => session.destroy() })
    const stream = session.request({ ':path': path })
    stream.on('error', () => {}).resume()
    return {
      status: new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status']))),
      ended: new Promise((resolve) => stream.once('close', () => resolve('ended'))),
    }
  }
  expect(await ask(wrong, '/api/v1/nodes').status).toBe(401)
  // One that has no key yet gets its first through the broker's door alone.
  await register('pi-2', undefined)
  expect(await ask(certificateFor('pi-2'), '/api/v1/nodes').status).toBe(401)
  const watch = ask(right, '/api/v1/nodes?watch=true')
  expect(await watch.status).toBe(200)
  await json('DELETE', '/api/v1/nodes/pi-1')
  expect(await watch.ended).toBe('ended')
  expect(await ask(right, '/api/v1/nodes').status).toBe(401)
})

test('a refused client hears the code of its refusal before the socket closes', async () => {
  const { hub, register } = await open()
  const pair = certificateFor('pi-1')
  await register('pi-1', keyOf(pair))
  const codes = await Promise.all([
    connackOf(hub, 'node:pi-1', createTestCa().issue('/O=system:nodes/CN=system:node:pi-1')),
    connackOf(hub, 'node:pi-1', ca.issue('/O=people/CN=system:node:pi-1')),
    connackOf(hub, 'node:pi-2', pair),
    connackOf(hub, 'dashboard', undefined),
    connackOf(hub, 'node:pi-1', pair, { protocolVersion: 3, protocolId: 'MQIsdp' }),
    connackOf(hub, 'node:pi-1', pair, { will: { topic: 'bramble/home/node/pi-2/availability', payload: 'offline' } }),
  ])
  expect(codes.map(({ code }) => code)).toEqual([5, 5, 2, 5, 1, 5])
})
