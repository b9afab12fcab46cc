import { expect, test } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../../edge-agent/src/cache/memory-cache.ts'
import { createSync } from '../../../edge-agent/src/link/sync/sync.ts'
import { pods as podKind, services } from '../../../edge-agent/src/resources.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'
import { createTestApi, configMap } from '../../../hub/src/apiserver/testing/api.ts'
import { at, pod, pods, rudeNodes } from './rude-nodes.ts'

const { ca, keep, open, rude } = rudeNodes()

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
