import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import type { StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { createTestCa } from './certificates.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { rawClient, rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const pod = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  ...more,
})
const leaseAt = (node: string) => `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`
const lease = (node: string): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: node, namespace: 'kube-node-lease' },
})
const ca = createTestCa()

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

const disconnectedAt = (api: ReturnType<typeof createSmallApi>, node: string) =>
  api.objects.get(leaseAt(node))?.metadata.annotations?.['bramble.io/disconnected-at']

test('a node comes back to a hub that was restarted, and what was asked meanwhile is answered then', async () => {
  const api = createSmallApi()
  const first = await startHub(api.handler, { ca })
  const node = keep(startNode('pi-1', first))
  await node.link.client.list(pods)
  await first.stop()
  await until(() => !node.link.isConnected(), 'the link notices')
  const asked = node.link.client.create(pods, pod('a'))
  const second = keep(await startHub(api.handler, { ca, port: first.port }))
  expect((await asked).metadata.name).toBe('a')
  expect(second.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('a write whose answer was lost with the connection is not done twice', async () => {
  const api = createSmallApi()
  let posts = 0
  let letGo = () => {}
  const slow: Handler = async (request, caller) => {
    const response = await api.handler(request, caller)
    if (request.method === 'POST' && ++posts === 1) await new Promise<void>((resolve) => (letGo = resolve))
    return response
  }
  const hub = keep(await startHub(slow, { ca }))
  const node = keep(startNode('pi-1', hub))
  const created = node.link.client.create(pods, pod('a'))
  await until(() => posts === 1, 'the hub has the request')
  const intruder = await rawClient(hub, 'node:pi-1', ca.issue('/O=system:nodes/CN=system:node:pi-1'))
  await until(() => !node.link.isConnected(), 'the connection was taken over')
  intruder.end()
  await until(() => node.link.isConnected(), 'the node is back')
  letGo()
  expect((await created).metadata.name).toBe('a')
  expect(posts).toBe(1)
})

test('a watch ends when the connection does, so that its reader resumes from the version it has', async () => {
  const api = createSmallApi()
  const first = await startHub(api.handler, { ca })
  const node = keep(startNode('pi-1', first))
  const stop = new AbortController()
  const seen: string[] = []
  const follow = (async () => {
    let resourceVersion = String(api.revision)
    while (!stop.signal.aborted)
      for await (const { object } of node.link.client.watch(pods, { resourceVersion }, { signal: stop.signal })) {
        seen.push(object.metadata.name)
        resourceVersion = object.metadata.resourceVersion ?? ''
      }
  })()
  await until(() => api.openWatches === 1, 'it watches')
  api.put('/api/v1/namespaces/default/pods/a', pod('a'))
  await until(() => seen.length === 1, 'the first event')
  await first.stop()
  api.put('/api/v1/namespaces/default/pods/b', pod('b'))
  keep(await startHub(api.handler, { ca, port: first.port }))
  await until(() => seen.length === 2, 'what happened meanwhile')
  expect(seen).toEqual(['a', 'b'])
  stop.abort()
  await follow
})

test('a node that vanishes is marked on its Lease with the moment, and unmarked when it is back', async () => {
  const api = createSmallApi()
  api.put(leaseAt('pi-1'), lease('pi-1'))
  let now = Date.parse('2026-06-01T12:00:00Z')
  const hub = keep(await startHub(api.handler, { ca, clock: { ...systemClock, now: () => now } }))
  const vanishing = await rawNode(hub, 'pi-1')
  vanishing.hello()
  await until(() => hub.gateway.connectedNodes().length === 1, 'connected')
  now += 60_000
  vanishing.socket.destroy()
  await until(() => disconnectedAt(api, 'pi-1') !== undefined, 'marked')
  expect(Date.parse(disconnectedAt(api, 'pi-1') ?? '')).toBe(now)
  keep(startNode('pi-1', hub))
  await until(() => disconnectedAt(api, 'pi-1') === undefined, 'unmarked')
})

test('a hub that stops does not mark its nodes', async () => {
  const api = createSmallApi()
  api.put(leaseAt('pi-1'), lease('pi-1'))
  const hub = await startHub(api.handler, { ca })
  const node = keep(startNode('pi-1', hub))
  await node.link.client.list(pods)
  await hub.stop()
  expect(disconnectedAt(api, 'pi-1')).toBeUndefined()
})

test('a node that says goodbye is not marked', async () => {
  const api = createSmallApi()
  api.put(leaseAt('pi-1'), lease('pi-1'))
  api.put(leaseAt('pi-2'), lease('pi-2'))
  const hub = keep(await startHub(api.handler, { ca }))
  const polite = startNode('pi-1', hub)
  const vanishing = await rawNode(hub, 'pi-2')
  vanishing.hello()
  await until(() => hub.gateway.connectedNodes().length === 2, 'both connected')
  await polite.stop()
  vanishing.socket.destroy()
  await until(() => disconnectedAt(api, 'pi-2') !== undefined, 'the one that vanished is marked')
  expect(disconnectedAt(api, 'pi-1')).toBeUndefined()
})

test('a node that is cut off without a word is noticed by its keepalive', async () => {
  const api = createSmallApi()
  api.put(leaseAt('pi-1'), lease('pi-1'))
  const hub = keep(await startHub(api.handler, { ca }))
  const cut = await rawClient(hub, 'node:pi-1', ca.issue('/O=system:nodes/CN=system:node:pi-1'), { keepalive: 1 })
  keep({ stop: cut.end })
  await cut.mqtt.subscribeAsync('$bramble/v1/n/pi-1/d/raw1')
  cut.mqtt.publish('$bramble/v1/n/pi-1/u/raw1', '{"t":"hello","q":1,"v":1,"node":"pi-1","agent":"","boot":"","mono":0,"clock":0}')
  await until(() => hub.gateway.connectedNodes().length === 1, 'connected')
  cut.mqtt.sendPing = () => {} // alive as a socket, silent as a node
  await until(() => disconnectedAt(api, 'pi-1') !== undefined, 'marked')
})

const logs = (container = 'main'): StreamRequest<'logs'> => ({
  kind: 'logs',
  namespace: 'default',
  pod: 'a',
  podUid: 'u',
  container,
  follow: true,
  previous: false,
  timestamps: false,
})
const textOf = async (stream: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('the hub reads a stream of a node, of any size', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const node = keep(
    startNode('pi-1', hub, {
      servers: {
        async logs(request, stream) {
          await stream.channel(1).write(Buffer.from(`${request.container}\n`))
          for (let index = 0; index < 30; index++) await stream.channel(1).write(Buffer.alloc(100_000, 97 + (index % 26)))
        },
      },
    }),
  )
  await until(() => node.link.isConnected(), 'connected')
  const { signal } = new AbortController()
  const bytes = await textOf(bytesOf(hub.gateway.openNodeStream('pi-1', logs('web'), signal), signal))
  expect(bytes.length).toBe(4 + 3_000_000)
  expect(bytes.subarray(0, 4).toString()).toBe('web\n')
})

test('a reader who does not read holds the node back; one who leaves ends the stream on the node', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  let produced = 0
  let ended = false
  const node = keep(
    startNode('pi-1', hub, {
      servers: {
        async logs(_request, stream) {
          try {
            while (!stream.signal.aborted) {
              await stream.channel(1).write(Buffer.alloc(10_000))
              produced += 10_000
            }
          } finally {
            ended = true
          }
        },
      },
    }),
  )
  await until(() => node.link.isConnected(), 'connected')
  const { signal } = new AbortController()
  const stream = bytesOf(hub.gateway.openNodeStream('pi-1', logs(), signal), signal)
  await stream.next()
  // More may be on its way of who is acknowledged fast, up to the window: until a round trip, after which all that it may send is here, brings no more.
  for (let before = -1; before !== produced;) {
    before = produced
    await node.link.client.list(pods)
  }
  expect(produced).toBeLessThan(300_000)
  await stream.return(undefined)
  await until(() => ended, 'the node stops')
})

test('a stream fails with the reason of the node, or because the node is not there or goes away', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const signal = new AbortController().signal
  const open = (node: string, container?: string) => bytesOf(hub.gateway.openNodeStream(node, logs(container), signal), signal)
  expect(() => open('nobody')).toThrow(new ApiError('ServiceUnavailable', 'node nobody is not connected'))
  const node = startNode('pi-1', hub, {
    servers: {
      async logs({ container }, stream) {
        if (container === 'unknown') throw new ApiError('NotFound', 'container unknown is not there')
        await stream.channel(1).write(Buffer.from('first'))
        await new Promise(() => {})
      },
    },
  })
  await until(() => node.link.isConnected(), 'connected')
  await expect(textOf(open('pi-1', 'unknown'))).rejects.toSatisfy(
    (error) => isApiError(error, 'NotFound') && error.message === 'container unknown is not there',
  )
  const stream = open('pi-1')
  expect(Buffer.from((await stream.next()).value as Uint8Array).toString()).toBe('first')
  const next = stream.next()
  await Promise.all([node.stop(), expect(next).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable'))])
})

test('a log read over the API comes as bytes', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca }))
  const { client } = keep(startNode('pi-1', hub)).link
  const text = await textOf(client.stream(pods, { namespace: 'default', name: 'a' }, 'log', {}))
  expect(text.toString()).toBe('three\ntwo\none\n')
})

test('an answer of several megabytes arrives whole', async () => {
  const api = createSmallApi()
  for (let index = 0; index < 60; index++)
    api.put(`/api/v1/namespaces/default/pods/p${index}`, pod(`p${index}`, { filler: 'ü'.repeat(25_000) }))
  const hub = keep(await startHub(api.handler, { ca }))
  const { client } = keep(startNode('pi-1', hub)).link
  const { items } = await client.list(pods)
  expect(items).toHaveLength(60)
  expect((items[59] as { filler?: string }).filler).toBe('ü'.repeat(25_000))
})

test('a request of several megabytes arrives whole too', async () => {
  const api = createSmallApi()
  const hub = keep(await startHub(api.handler, { ca }))
  const { client } = keep(startNode('pi-1', hub)).link
  const filler = 'x'.repeat(3 * 1024 * 1024)
  const created = (await client.create(pods, pod('large', { filler }))) as { filler?: string }
  expect(created.filler?.length).toBe(filler.length)
})

test('a certificate that is past half of its life is renewed while the node runs, and used at once', async () => {
  const api = createSmallApi()
  let requests = 0
  // Half of ten days is over in six.
  const inSixDays = { now: () => Date.now() + 6 * 86_400_000, monotonic: () => performance.now() }
  const hub = keep(
    await startHub(api.handler, {
      ca,
      clock: inSixDays,
      renew: async ({ csrPem }) => (requests++, { certificatePem: ca.signCsr(csrPem, 700) }),
    }),
  )
  const node = keep(startNode('pi-1', hub))
  const before = node.credentials.current()?.certificate
  await until(() => requests === 1 && node.credentials.current()?.certificate !== before, 'renewed')
  await until(() => node.link.isConnected(), 'connected with the new one')
  expect((await node.link.client.list(pods)).items).toEqual([])
  expect(requests).toBe(1)
})

test('a renewed certificate that cannot be kept on a full disk is used, and not asked for again', async () => {
  const api = createSmallApi()
  let requests = 0
  const inSixDays = { now: () => Date.now() + 6 * 86_400_000, monotonic: () => performance.now() }
  const renew = async ({ csrPem }: { csrPem: string }) => (requests++, { certificatePem: ca.signCsr(csrPem, 700) })
  const hub = keep(await startHub(api.handler, { ca, clock: inSixDays, renew }))
  const lines: string[] = []
  const node = keep(startNode('pi-1', hub, { log: createLog({ write: (line) => lines.push(line) }) }))
  const before = node.credentials.current()?.certificate
  mkdirSync(join(node.folder, 'node.pem.new', 'in-the-way'), { recursive: true }) // as good as a disk without room
  await until(() => requests === 1 && node.credentials.current()?.certificate !== before, 'renewed')
  await until(() => node.link.isConnected(), 'connected with the new one')
  expect((await node.link.client.list(pods)).items).toEqual([])
  expect(requests).toBe(1)
  expect(lines.filter((line) => line.includes('cannot be kept'))).toHaveLength(1)
})
