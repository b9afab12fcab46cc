import { afterEach, expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { frames } from '@bramble/shared/frames/frame.ts'
import { maxFrameBytes } from '@bramble/shared/frames/limits.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../../edge-agent/src/cache/memory-cache.ts'
import { createSync } from '../../../edge-agent/src/link/sync/sync.ts'
import { pods as podKind, services } from '../../../edge-agent/src/resources.ts'
import { createTestCa } from './certificates.ts'
import { start, startHub, startNode, until, type TestHub } from './hub-and-node.ts'
import { rawClient, rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'
import { createTestApi, configMap } from '../../../hub/src/apiserver/testing/api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const pod = (name: string, filler = ''): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', annotations: { filler } },
})
const at = (name: string) => `/api/v1/namespaces/default/pods/${name}`
const ca = createTestCa()

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})
const open = async () => {
  const api = createSmallApi()
  const hub = keep(await startHub(api.handler, { ca }))
  return { api, hub }
}
const rude = async (hub: TestHub, node = 'evil') => {
  const client = await rawNode(hub, node)
  keep({ stop: client.end })
  return client
}
const certificate = (node: string) => ca.issue(`/O=system:nodes/CN=system:node:${node}`)

test.each<[string, (node: Awaited<ReturnType<typeof rawNode>>) => void, string]>([
  ['a frame that is not JSON', ({ sendRaw }) => sendRaw('what'), 'malformed'],
  ['a frame too large', ({ sendRaw }) => sendRaw(Buffer.alloc(maxFrameBytes + 1, 'x')), 'too-large'],
  ['no hello', ({ say }) => say({ t: 'ack', bytes: 0 }), 'unexpected'],
  ['a hello for another node', ({ hello }) => hello('pi-1'), 'wrong-node'],
  ['a frame sent twice', ({ hello, sendRaw }) => (hello(), sendRaw('{"t":"ping","q":2}'), sendRaw('{"t":"ping","q":2}')), 'replayed'],
  ['a hole', ({ hello, sendRaw }) => (hello(), sendRaw('{"t":"ping","q":7}')), 'gap'],
  ['credit for what was never sent', ({ hello, say }) => (hello(), say({ t: 'ack', bytes: 1e9 })), 'unexpected'],
])('%s is refused and counted, the session closed, and other nodes notice nothing', async (_what, act, refusal) => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await until(() => healthy.link.isConnected(), 'the healthy node is connected')
  const evil = await rude(hub)
  act(evil)
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.refusals.get(refusal)).toBe(1)
  expect(healthy.link.isConnected()).toBe(true)
  expect((await healthy.link.client.list(pods)).items).toEqual([])
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test.each<[string, string, boolean]>([
  ["another node's frames", '$bramble/v1/n/pi-1/u/raw1', false],
  ['a join', '$bramble/v1/join/abcdef12/q', false],
  ['a topic of the public tree', 'bramble/home/hub/state', false],
  ["another node's availability", 'bramble/home/node/pi-1/availability', false],
  ['a system topic', '$SYS/x', false],
  ['a retained frame', '$bramble/v1/n/evil/u/raw1', true],
])('a node that publishes %s is disconnected', async (_what, topic, retain) => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish(topic, '{}', { qos: 0, retain })
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.refusals.get('access')).toBe(1)
})

test.each(['#', '$bramble/#', '$bramble/v1/n/+/d/+', '$bramble/v1/n/pi-1/d/x', '$bramble/v1/n/evil/u/x', 'bramble/#'])(
  'a node that subscribes to %s is disconnected',
  async (filter) => {
    const { hub } = await open()
    const evil = await rude(hub)
    evil.mqtt.subscribe(filter, () => {})
    expect(await evil.closed).toBe('closed')
  },
)

test('a client without a certificate gets nothing but its own join topics', async () => {
  const { hub } = await open()
  expect((await rawClient(hub, 'node:pi-1', undefined)).outcome).toBe('closed')
  expect((await rawClient(hub, 'dashboard', undefined)).outcome).toBe('closed')
  const joining = await rawClient(hub, 'join:abcdef12', undefined)
  expect(joining.outcome).toBe('connected')
  joining.mqtt.subscribe('$bramble/v1/n/pi-1/d/x', () => {})
  expect(await joining.closed).toBe('closed')
})

test('certificates of strangers, of people and under another client id are refused', async () => {
  const { hub } = await open()
  const outcomes = await Promise.all([
    rawClient(hub, 'node:pi-1', createTestCa().issue('/O=system:nodes/CN=system:node:pi-1')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=system:masters/CN=bramble:admin')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=people/CN=system:node:pi-1')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=system:nodes/CN=system:node:pi-1/CN=system:node:pi-2')),
    rawClient(hub, 'node:pi-2', certificate('pi-1')),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { clean: false }),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { protocolVersion: 3, protocolId: 'MQIsdp' }),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { will: { topic: 'bramble/home/node/pi-2/availability', payload: 'offline' } }),
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'closed'))
  expect((await rawClient(hub, 'node:pi-1', certificate('pi-1'))).outcome).toBe('connected')
})

test('a node has one availability topic and cannot fill the broker with others', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish('bramble/home/node/evil/availability', 'online', { qos: 1, retain: true })
  evil.mqtt.publish('bramble/another/node/evil/availability', 'online', { qos: 1, retain: true })
  expect(await evil.closed).toBe('closed')
})

test('availability is online or offline and nothing else', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish('bramble/home/node/evil/availability', 'x'.repeat(100_000), { qos: 1, retain: true })
  expect(await evil.closed).toBe('closed')
})

test('a packet larger than the limit ends its connection before it is read', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.hello()
  // A PUBLISH that announces 200 MiB, and its first megabyte.
  evil.socket.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64]))
  evil.socket.write(Buffer.alloc(1024 * 1024))
  expect(await evil.closed).toBe('closed')
})

test('a node that stops reading delays nobody else, and memory does not grow with what it misses', async () => {
  const { api, hub } = await open()
  const frozen = await rude(hub, 'frozen')
  frozen.hello()
  frozen.say({ t: 'watch', id: 1, path: '/api/v1/pods', query: {} })
  await until(() => api.openWatches === 1, 'the frozen node watches')
  frozen.socket.pause()

  const healthy = keep(startNode('pi-1', hub))
  const stop = new AbortController()
  keep({ stop: () => stop.abort() })
  const latest = new Map<string, string>()
  void (async () => {
    for await (const { object } of healthy.link.client.watch(pods, {}, { signal: stop.signal }))
      latest.set(object.metadata.name, object.metadata.resourceVersion ?? '')
  })()
  await until(() => api.openWatches === 2, 'the healthy node watches')

  const filler = 'x'.repeat(4096)
  for (let round = 0; round < 1000; round++) {
    const { metadata } = api.put(at(`pod-${round % 10}`), pod(`pod-${round % 10}`, filler))
    if (round % 20 !== 19) continue
    await until(() => latest.get(metadata.name) === metadata.resourceVersion, `the healthy node hears of change ${round}`)
    // Each change is here while the frozen node still holds its connection: a broker that waited for it would go on when it cuts it off.
    expect(hub.gateway.connectedNodes()).toEqual(['frozen', 'pi-1'])
  }

  frozen.socket.resume()
  await until(() => frozen.received.some(({ header }) => header.t === 'ev'), 'the frozen node reads again')
  const sent = frozen.received.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(sent).toBeLessThan(600 * 1024) // its window, not the four megabytes
})

test('a node that does not acknowledge for a minute is cut off', async () => {
  const api = createSmallApi()
  let ms = 0
  const hub = keep(await startHub(api.handler, { ca, clock: { now: () => Date.now(), monotonic: () => ms } }))
  const silent = await rude(hub, 'silent')
  silent.hello()
  await until(() => hub.gateway.connectedNodes().includes('silent'), 'it is connected')
  ms = 61_000
  expect(await silent.closed).toBe('closed')
  expect(hub.gateway.refusals.get('silent')).toBe(1)
})

test('more requests at once than a node may have are answered with TooManyRequests', async () => {
  const { handler } = createSmallApi()
  const hub = keep(
    await startHub((request, caller) => (request.path.endsWith('/pods') ? new Promise(() => {}) : handler(request, caller)), { ca }),
  )
  const greedy = await rude(hub, 'greedy')
  greedy.hello()
  for (let id = 1; id <= 70; id++) greedy.say({ t: 'req', id, method: 'GET', path: '/api/v1/pods', query: {}, ms: 5000 })
  await until(() => greedy.received.filter(({ header }) => header.t === 'res' && header['status'] === 429).length === 6, 'six refusals')
})

/** The real apiserver behind the real broker, with as many ConfigMaps of a megabyte as a pod may name. */
const openFull = async (count: number) => {
  const api = await createTestApi()
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: {
      nodeName: 'evil',
      containers: [
        { name: 'c', image: 'i', envFrom: Array.from({ length: count }, (_, index) => ({ configMapRef: { name: `c${index}` } })) },
      ],
    },
  }
  for (let index = 0; index < count; index++) {
    const { code } = await api.json('POST', '/api/v1/namespaces/default/configmaps', {
      body: configMap(`c${index}`, { filler: 'x'.repeat(1024 * 1024 - 10) }),
    })
    expect(code).toBe(201)
  }
  expect((await api.json('POST', '/api/v1/namespaces/default/pods', { body: pod })).code).toBe(201)
  return { api, hub: keep(await startHub(api.handle, { ca })) }
}
const getOf = (id: number, name: string) =>
  ({ t: 'req', id, method: 'GET', path: `/api/v1/namespaces/default/configmaps/${name}`, query: {}, ms: 60_000 }) as const

test('40 answers of a megabyte for a node that does not read wait for it, and its end does not touch the hub', async () => {
  const { api, hub } = await openFull(40)
  const healthy = keep(startNode('pi-1', hub))
  const evil = await rude(hub)
  evil.hello()
  for (let id = 1; id <= 40; id++) evil.say(getOf(id, `c${id - 1}`))
  await until(() => evil.received.some(({ header }) => header.t === 'res'), 'its first answer begins')
  await healthy.link.client.list({ group: '', version: 'v1', resource: 'services', kind: 'Service', namespaced: true })
  expect(hub.gateway.connectedNodes()).toEqual(['evil', 'pi-1'])
  // Not acknowledged, so the rest waits; whoever ends it needs no room in what is full.
  hub.gateway.endNode('evil', 'enough')
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
  expect(hub.gateway.stats.sessions).toBe(1)
  expect((await api.json('GET', '/api/v1/nodes')).code).toBe(200)
})

test('a pod that names 40 ConfigMaps of a megabyte syncs', async () => {
  const { hub } = await openFull(40)
  const { link } = keep(startNode('evil', hub))
  const configMaps = { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespaced: true }
  const read = await Promise.all(
    Array.from({ length: 40 }, (_, index) => link.client.get<KubeObject>(configMaps, { namespace: 'default', name: `c${index}` })),
  )
  expect(read.map(({ metadata }) => metadata.name)).toEqual(Array.from({ length: 40 }, (_, index) => `c${index}`))
  expect(hub.gateway.refusals.size).toBe(0)
})

test.each(['req', 'read'] as const)('a watch asked for in a %s frame is refused, and nothing stays open for it', async (t) => {
  const api = await createTestApi()
  const hub = keep(await startHub(api.handle, { ca }))
  const evil = await rude(hub)
  evil.hello()
  const baseline = api.store.stats.watches
  const asked = { id: 1, path: '/api/v1/services', query: { watch: 'true' } }
  evil.say(t === 'req' ? { ...asked, t, method: 'GET', ms: 5000 } : { ...asked, t })
  await until(() => evil.received.some(({ header }) => header.t === 'res' || header.t === 'end'), 'it is refused')
  expect(api.store.stats.watches).toBe(baseline)
  expect(hub.gateway.stats).toMatchObject({ sessions: 1, watches: 0, streams: 0 })
})

test('an answer that comes after its node has gone is closed', async () => {
  const api = await createTestApi()
  const baseline = api.store.stats.watches
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  let answered = 0
  const hub = keep(
    await startHub(
      async (request, caller) => {
        if (!request.path.endsWith('/services')) return api.handle(request, caller)
        await released
        // An apiserver that does not look at the signal.
        const answer = await api.handle({ ...request, signal: new AbortController().signal }, caller)
        answered++
        return answer
      },
      { ca },
    ),
  )
  const evil = await rude(hub)
  evil.hello()
  evil.say({ t: 'watch', id: 1, path: '/api/v1/services', query: {} })
  evil.say({ t: 'req', id: 2, method: 'GET', path: '/api/v1/services', query: { watch: 'true' }, ms: 60_000 })
  await until(() => hub.gateway.stats.watches === 1, 'asked')
  evil.socket.destroy()
  await until(() => hub.gateway.stats.sessions === 0, 'gone')
  release()
  await until(() => answered === 2, 'answered to nobody')
  await until(() => api.store.stats.watches === baseline, 'closed')
})

test('a handler that throws what nobody expects costs one answer', async () => {
  const { handler } = createSmallApi()
  const hub = keep(
    await startHub(
      (request, caller) => {
        if (request.path.endsWith('/secrets')) throw new TypeError('a bug of ours')
        return handler(request, caller)
      },
      { ca },
    ),
  )
  const evil = await rude(hub)
  evil.hello()
  evil.say({ t: 'req', id: 1, method: 'POST', path: '/api/v1/secrets', query: {}, ms: 5000, key: 'k' })
  evil.say({ t: 'watch', id: 2, path: '/api/v1/secrets', query: {} })
  evil.say({ t: 'read', id: 3, path: '/api/v1/secrets', query: {} })
  await until(() => evil.received.filter(({ header }) => header.t === 'res' || header.t === 'end').length === 3, 'three refusals')
  expect(hub.gateway.connectedNodes()).toEqual(['evil'])
})

test('asking without reading ends the session alone', async () => {
  const { api, hub } = await open()
  api.put(at('large'), pod('large', 'x'.repeat(15_000)))
  const healthy = keep(startNode('pi-1', hub))
  await healthy.link.client.list(pods)
  const evil = await rude(hub)
  evil.hello()
  for (let id = 1; id <= 2500; id++) evil.say({ t: 'req', id, method: 'GET', path: at('large'), query: {}, ms: 60_000 })
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('40 Services with annotations of 250 KB sync, whatever the number of objects in a page', async () => {
  const api = await createTestApi()
  for (let index = 0; index < 40; index++) {
    const { code } = await api.json('POST', '/api/v1/namespaces/default/services', {
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: `s${index}`, annotations: { filler: 'x'.repeat(250_000) } },
        spec: { ports: [{ port: 80 }] },
      },
    })
    expect(code).toBe(201)
  }
  const hub = keep(await startHub(api.handle, { ca }))
  const { link } = keep(startNode('pi-1', hub))
  const cache = createMemoryCache()
  keep(start([createSync({ client: link.client, connected: link.connected, cache, node: 'pi-1', log: silentLog })]))
  await until(() => cache.hasSynced(services), 'synced')
  expect(cache.list(services)).toHaveLength(40)
  expect(hub.gateway.refusals.size).toBe(0)
  // Asked for whole it is refused by name, and the session goes on.
  await expect(link.client.list(services)).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' })
  expect((await link.client.list(services, { limit: 100 })).items).toHaveLength(4)
})

test('the largest object that is accepted reaches a node as an answer and as an event, and a larger one is refused', async () => {
  const api = await createTestApi()
  const url = '/api/v1/namespaces/default/pods'
  const large = (name: string, megabytes: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: 'pi-1',
      containers: [{ name: 'c', image: 'i', env: [{ name: 'FILLER', value: 'x'.repeat(megabytes * 1024 * 1024) }] }],
    },
  })
  const hub = keep(await startHub(api.handle, { ca }))
  const { link } = keep(startNode('pi-1', hub))
  const cache = createMemoryCache()
  keep(start([createSync({ client: link.client, connected: link.connected, cache, node: 'pi-1', log: silentLog })]))
  await until(() => cache.hasSynced(pods), 'synced')
  expect((await api.json('POST', url, { body: large('event', 3.49) })).code).toBe(201)
  await until(() => cache.list(podKind).length === 1, 'as an event')
  expect((await link.client.list(podKind, { fieldSelector: 'spec.nodeName=pi-1', limit: 100 })).items).toHaveLength(1)
  expect((await link.client.get(podKind, { namespace: 'default', name: 'event' })).metadata.name).toBe('event')
  const patch = { spec: { activeDeadlineSeconds: 9 }, metadata: { annotations: { filler: 'x'.repeat(200_000) } } }
  const grown = await api.json('PATCH', `${url}/event`, { body: patch, contentType: 'application/merge-patch+json' })
  expect(grown).toMatchObject({ code: 413, body: { reason: 'RequestEntityTooLarge' } })
  expect(hub.gateway.refusals.size).toBe(0)
})

test.each<[string, (node: Awaited<ReturnType<typeof rawNode>>) => void]>([
  [
    'subscribes a thousand times',
    ({ mqtt }) => {
      for (let index = 0; index < 1000; index++) mqtt.subscribe(`$bramble/v1/n/evil/d/s${index}`, () => {})
    },
  ],
  [
    'subscribes to a thousand topics in one packet',
    ({ mqtt }) =>
      void mqtt.subscribe(
        Array.from({ length: 1000 }, (_, index) => `$bramble/v1/n/evil/d/s${index}`),
        () => {},
      ),
  ],
  [
    'subscribes and unsubscribes without end',
    ({ mqtt }) => {
      for (let index = 0; index < 1000; index++) mqtt.subscribe('$bramble/v1/n/evil/d/s', () => mqtt.unsubscribe('$bramble/v1/n/evil/d/s'))
    },
  ],
  ['subscribes to an endless topic', ({ mqtt }) => void mqtt.subscribe(`$bramble/v1/n/evil/d/${'s'.repeat(10_000)}`, () => {})],
  ['pings without end', ({ socket }) => void socket.write(Buffer.alloc(2000, Buffer.from([0xc0, 0x00])))],
  [
    'tells its availability without end',
    ({ mqtt }) => {
      for (let index = 0; index < 200; index++) mqtt.publish('bramble/home/node/evil/availability', 'online', { qos: 1, retain: true })
    },
  ],
])('a node that %s is disconnected, and other nodes notice nothing', async (_what, act) => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await healthy.link.client.list(pods)
  const evil = await rude(hub)
  evil.hello()
  act(evil)
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('frames that do nothing are read at a pace, and another node is answered between them', async () => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await healthy.link.client.list(pods)
  const evil = await rude(hub)
  evil.hello()
  for (let index = 0; index < 20_000; index++) evil.say({ t: 'pong' })
  evil.say({ t: 'req', id: 1, method: 'GET', path: '/api/v1/pods', query: {}, ms: 60_000 })
  for (let round = 0; round < 20; round++) await healthy.link.client.list(pods)
  // Its own request is behind 20,000 frames, of which some thousand are read a second.
  expect(evil.received.some(({ header }) => header.t === 'res')).toBe(false)
  expect(hub.gateway.connectedNodes()).toEqual(['evil', 'pi-1'])
})

test('a node gets so many certificates an hour and no more', async () => {
  const api = createSmallApi()
  let signed = 0
  const hub = keep(await startHub(api.handler, { ca, renew: async () => (signed++, { certificatePem: 'PEM' }) }))
  const greedy = await rude(hub)
  greedy.hello()
  for (let id = 1; id <= 50; id++) greedy.say({ t: 'renew', id }, 'CSR')
  await until(() => greedy.received.filter(({ header }) => header.t === 'res').length === 50, 'all are answered')
  expect(signed).toBe(12)
  expect(greedy.received.filter(({ header }) => header.t === 'res' && header['status'] === 429)).toHaveLength(38)
})

test('more watches than a node may have are refused, and a session that ends closes those it had', async () => {
  const { api, hub } = await open()
  const greedy = await rude(hub)
  greedy.hello()
  for (let id = 1; id <= 1100; id++) greedy.say({ t: 'watch', id, path: '/api/v1/pods', query: {} })
  await until(() => greedy.received.filter(({ header }) => header.t === 'end').length === 76, 'those beyond 1,024 are refused')
  expect(api.openWatches).toBe(1024)
  greedy.socket.destroy()
  await until(() => api.openWatches === 0, 'closed')
})

test('parts of messages that are never finished count among the bodies of their node, and go with its session', async () => {
  const { handler } = createSmallApi()
  let left = 2_500_000
  const bodies = {
    take: (_user: unknown, bytes: number) => bytes <= left && ((left -= bytes), true),
    giveBack: (_user: unknown, bytes: number) => void (left += bytes),
  }
  const hub = keep(await startHub(handler, { ca, bodies }))
  const greedy = await rude(hub)
  greedy.hello()
  const body = Buffer.from(JSON.stringify(pod('p', 'x'.repeat(1_500_000))))
  let number = 1
  const framesOf = (id: number) => [
    ...frames({ t: 'req', id, method: 'POST', path: '/api/v1/namespaces/default/pods', query: {}, ms: 60_000 }, body, () => ++number),
  ]
  // All but the last part of one, and then a whole one, for which there is no room.
  for (const frame of framesOf(1).slice(0, -1)) greedy.sendRaw(Buffer.from(frame))
  number -= 1
  for (const frame of framesOf(2)) greedy.sendRaw(Buffer.from(frame))
  await until(() => greedy.received.some(({ header }) => header.t === 'res'), 'the second is refused')
  expect(greedy.received.filter(({ header }) => header.t === 'res').map(({ header }) => [header['id'], header['status']])).toEqual([
    [2, 429],
  ])
  expect(left).toBeLessThan(2_500_000 - 1_000_000)
  greedy.socket.destroy()
  await until(() => left === 2_500_000, 'given back')
})

test('bodies of one node have a bound at both doors together, and what is refused can be sent again', async () => {
  const held: (() => void)[] = []
  const { handler } = createSmallApi()
  let left = 2_500_000
  const hub = keep(
    await startHub(
      async (request, caller) => {
        if (request.method === 'POST') await new Promise<void>((resolve) => held.push(resolve))
        return handler(request, caller)
      },
      {
        ca,
        bodies: {
          take: (_user, bytes) => bytes <= left && ((left -= bytes), true),
          giveBack: (_user, bytes) => void (left += bytes),
        },
      },
    ),
  )
  const greedy = await rude(hub)
  greedy.hello()
  const body = (name: string) => JSON.stringify(pod(name, 'x'.repeat(1_000_000)))
  const post = (id: number) =>
    greedy.say({ t: 'req', id, method: 'POST', path: '/api/v1/namespaces/default/pods', query: {}, ms: 60_000 }, body(`p${id}`))
  for (let id = 1; id <= 5; id++) post(id)
  const statuses = () => greedy.received.filter(({ header }) => header.t === 'res').map(({ header }) => header['status'])
  await until(() => statuses().length === 3, 'three are refused')
  expect(statuses()).toEqual([429, 429, 429])
  for (const go of held.splice(0)) go()
  await until(() => left === 2_500_000, 'given back')
  post(6)
  await until(() => held.length === 1, 'and taken again')
  held[0]?.()
})
