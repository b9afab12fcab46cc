import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../../edge-agent/src/cache/memory-cache.ts'
import type { Cache } from '../../../edge-agent/src/cache/cache.ts'
import { createSqliteCache } from '../../../edge-agent/src/cache/sqlite-cache.ts'
import { createAcquaintance } from '../../../edge-agent/src/link/sync/meet-hub.ts'
import { createOutbox } from '../../../edge-agent/src/link/outbox.ts'
import { createSync, type SyncDeps } from '../../../edge-agent/src/link/sync/sync.ts'
import { configMaps, nodes, pods, secrets } from '../../../edge-agent/src/resources.ts'
import { createTestCa } from './certificates.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

const ca = createTestCa()
const pod = (name: string, spec: object = {}, more: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...more }, spec: { containers: [], ...spec } }) as KubeObject
const at = (name: string, resource = 'pods') => `/api/v1/namespaces/default/${resource}/${name}`
const named = (kind: string, name: string): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' } })

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})
const names = (cache: Cache) =>
  cache
    .list(pods)
    .map(({ metadata }) => metadata.name)
    .sort()
    .join()

const agent = (
  hub: Awaited<ReturnType<typeof startHub>>,
  cache: Cache,
  { hub: name, ...more }: Partial<SyncDeps> & { readonly hub?: () => string } = {},
) => {
  const node = startNode('pi-1', hub, { acquaintance: createAcquaintance({ cache, ...(name && { hub: name }) }) })
  const sync = start([
    createSync({ client: node.link.client, connected: node.link.connected, cache, node: 'pi-1', log: silentLog, random: () => 0, ...more }),
  ])
  const { outbox, service } = createOutbox({ client: node.link.client, connected: node.link.connected, log: silentLog, random: () => 0 })
  const sending = start([service])
  return {
    ...node,
    outbox,
    async stop() {
      await sync.stop()
      await sending.stop()
      await node.stop()
    },
  }
}

test('the cache is filled, follows, and picks up what happened while the hub was away', async () => {
  const api = createSmallApi()
  api.put(at('a'), pod('a'))
  api.put('/api/v1/nodes/pi-2', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-2' } })
  const cache = createMemoryCache()
  const first = await startHub(api.handler, { ca })
  keep(agent(first, cache))
  await until(() => names(cache) === 'a' && cache.list(nodes).length === 1, 'filled')
  api.put(at('b'), pod('b'))
  await until(() => names(cache) === 'a,b', 'followed')
  await first.stop()
  api.remove(at('a'))
  api.put(at('c'), pod('c'))
  keep(await startHub(api.handler, { ca, port: first.port }))
  await until(() => names(cache) === 'b,c', 'caught up')
  // Resumed, not listed again.
  expect(api.asked.filter(({ method, path }) => method === 'GET' && path === '/api/v1/pods').length).toBeLessThanOrEqual(3)
})

test('when the history is gone the cache is made what the new list says, also for an object made again under its name', async () => {
  const api = createSmallApi()
  api.put(at('a'), pod('a', {}, { uid: 'first' }))
  const cache = createMemoryCache()
  const hub = await startHub(api.handler, { ca })
  const before = agent(hub, cache)
  await until(() => names(cache) === 'a', 'filled')
  await before.stop()
  api.remove(at('a'))
  api.put(at('a'), pod('a', {}, { uid: 'second' }))
  api.put(at('b'), pod('b'))
  api.forgetHistory()
  keep(hub)
  keep(agent(hub, cache))
  await until(() => names(cache) === 'a,b', 'listed again')
  expect(cache.get(pods, { namespace: 'default', name: 'a' })?.metadata.uid).toBe('second')
})

test('a node that joins another hub follows that one, whatever the versions of either, and its watches are none of the first', async () => {
  const cache = createMemoryCache()
  for (const [hub, pods, more] of [
    ['of the attic', ['a', 'both'], 50],
    ['of the school', ['b', 'both'], 90],
    ['of the cellar', ['both', 'c'], 0],
  ] as const) {
    const api = createSmallApi()
    for (let index = 0; index < more; index++) api.put(at('filler', 'configmaps'), named('ConfigMap', 'filler'))
    for (const name of pods) api.put(at(name), pod(name, {}, { uid: `${name} ${hub}` }))
    const running = await startHub(api.handler, { ca })
    const node = agent(running, cache, { hub: () => hub })
    await until(() => names(cache) === pods.join(), `the pods ${hub}`)
    await node.stop()
    await running.stop()
  }
})

test('ConfigMaps and Secrets come with the pods that name them and go with the last of them', async () => {
  const api = createSmallApi()
  const reference = { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'password' } }] }] }
  api.put(at('settings', 'configmaps'), named('ConfigMap', 'settings'))
  api.put(at('other', 'configmaps'), named('ConfigMap', 'other'))
  api.put(at('a'), pod('a', reference))
  const cache = createMemoryCache()
  const hub = keep(await startHub(api.handler, { ca }))
  keep(agent(hub, cache))
  await until(() => cache.list(configMaps).length === 1, 'the named ConfigMap is there')
  expect(cache.list(configMaps)[0]?.metadata.name).toBe('settings')
  expect(cache.hasSynced(secrets, { namespace: 'default', name: 'password' }) || cache.list(secrets).length === 0).toBe(true)
  api.put(at('password', 'secrets'), named('Secret', 'password'))
  await until(() => cache.get(secrets, { namespace: 'default', name: 'password' }) !== undefined, 'a Secret that is made later comes')
  api.remove(at('a'))
  await until(() => cache.list(configMaps).length === 0 && cache.list(secrets).length === 0, 'dropped')
  expect(cache.hasSynced(configMaps, { namespace: 'default', name: 'settings' })).toBe(false)
})

const onDisk = (limits?: { maxBytes: number; maxHeldBytes: number }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-sync-'))
  const cache = createSqliteCache({ folder, clock: systemClock, log: silentLog, ...(limits && { limits }) })
  keep({
    stop() {
      cache.close()
      rmSync(folder, { recursive: true })
    },
  })
  return { cache, folder }
}
const withFiller = (name: string, bytes: number) => ({ ...named('ConfigMap', name), data: { filler: 'x'.repeat(bytes) } }) as KubeObject
const naming = (...configMapNames: string[]) => ({
  containers: [{ name: 'c', envFrom: configMapNames.map((name) => ({ configMapRef: { name } })) }],
})

test('a ConfigMap for which a node has no room is fetched when another has gone, and not again and again until then', async () => {
  const api = createSmallApi()
  for (const name of ['first', 'second']) api.put(at(name, 'configmaps'), withFiller(name, 3000))
  api.put(at('a'), pod('a', naming('first')))
  const { cache } = onDisk({ maxBytes: 5000, maxHeldBytes: 5000 })
  keep(agent(keep(await startHub(api.handler, { ca })), cache))
  const key = (name: string) => ({ namespace: 'default', name })
  const asks = () => api.asked.filter(({ method, path }) => method === 'GET' && path.endsWith('/configmaps')).length
  await until(() => cache.get(configMaps, key('first')) !== undefined, 'the first is there')
  api.put(at('b'), pod('b', naming('second')))
  await until(() => cache.problem()?.startsWith('configmaps/default/second') === true, 'the second is told of')
  const before = asks()
  expect(() => cache.get(configMaps, key('second'))).toThrow(/is not kept on this node: it has 0\.0 MiB/)
  api.put(at('c'), pod('c'))
  await until(() => names(cache) === 'a,b,c', 'something else happened')
  expect(asks()).toBe(before)
  api.remove(at('a'))
  await until(() => cache.problem() === undefined && cache.get(configMaps, key('second')) !== undefined, 'the second is there')
})

test('pods for which a node has no memory are refused by name, what runs keeps its place, and one that comes later is taken when another goes', async () => {
  const api = createSmallApi()
  const fat = (name: string, more: object = {}) => pod(name, {}, { annotations: { filler: 'x'.repeat(5000) }, ...more })
  api.put(at('m'), fat('m'))
  const cache = createMemoryCache()
  const told: string[] = []
  const onRefused = ({ metadata }: { metadata: { name: string; deletionTimestamp?: string } }, why: string) =>
    told.push(`${metadata.name}${metadata.deletionTimestamp === undefined ? '' : ' to go'}: ${why}`)
  const hub = keep(await startHub(api.handler, { ca }))
  const limits = { pods: 8000 }
  const first = agent(hub, cache, { limits, onRefused })
  await until(() => names(cache) === 'm', 'the first is there')
  api.put(at('a'), fat('a'))
  api.put(at('z'), pod('z'))
  await until(() => names(cache) === 'm,z', 'a small one has room')
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(/^a: it takes 0\.0 MiB of the agent's memory/)
  api.put(at('a'), fat('a', { deletionTimestamp: '2026-11-27T00:00:00Z' }))
  await until(() => told.length === 2, 'its end is told')
  expect(told[1]).toMatch(/^a to go: /)
  api.put(at('a'), fat('a'))
  await until(() => told.length === 3, 'there again')
  // Listed anew, in the order of names, what runs still keeps its place.
  await first.stop()
  api.forgetHistory()
  keep(agent(hub, cache, { limits, onRefused }))
  await until(() => told.length === 4, 'refused again')
  expect(names(cache)).toBe('m,z')
  api.remove(at('m'))
  await until(() => names(cache) === 'a,z', 'taken when there is room')
  expect(told).toHaveLength(4)
})

test('a pod that outgrows the memory of its node is followed in the state it had, and can still be deleted', async () => {
  const api = createSmallApi()
  const fat = (bytes: number, more: object = {}) => pod('a', {}, { uid: 'u', annotations: { filler: 'x'.repeat(bytes) }, ...more })
  api.put(at('a'), fat(10))
  const cache = createMemoryCache()
  keep(agent(keep(await startHub(api.handler, { ca })), cache, { limits: { pods: 2000 } }))
  const held = () => cache.get(pods, { namespace: 'default', name: 'a' })
  await until(() => held() !== undefined, 'there')
  api.put(at('a'), fat(5000))
  api.put(at('b'), pod('b'))
  await until(() => names(cache) === 'a,b', 'both')
  expect(held()?.metadata.annotations?.['filler']).toHaveLength(10)
  api.put(at('a'), fat(5000, { deletionTimestamp: '2026-11-27T00:00:00Z', deletionGracePeriodSeconds: 5 }))
  await until(() => held()?.metadata.deletionTimestamp !== undefined, 'to go')
  expect(held()?.metadata.annotations?.['filler']).toHaveLength(10)
})

test('a stored value that is damaged is fetched anew although its watch goes on', async () => {
  const api = createSmallApi()
  api.put(at('settings', 'configmaps'), withFiller('settings', 10))
  api.put(at('a'), pod('a', naming('settings')))
  const { cache, folder } = onDisk()
  keep(agent(keep(await startHub(api.handler, { ca })), cache))
  const read = () => cache.get(configMaps, { namespace: 'default', name: 'settings' })
  await until(() => read() !== undefined, 'it is there')
  for (const file of readdirSync(join(folder, 'objects'))) writeFileSync(join(folder, 'objects', file), 'x')
  expect(read).toThrow('is not kept on this node')
  await until(() => cache.problem() === undefined && read() !== undefined, 'it is there again')
})

test('of the objects that pods name a node follows a bounded number, and says of the others that it does not', async () => {
  const api = createSmallApi()
  const all = Array.from({ length: 1100 }, (_, index) => `c-${index}`)
  api.put(at('a'), pod('a', naming(...all)))
  const cache = createMemoryCache()
  keep(agent(keep(await startHub(api.handler, { ca })), cache))
  await until(() => cache.problem() !== undefined, 'told')
  expect(cache.problem()).toMatch(/^configmaps\/default\/c-1000 is not kept .* name more than 1000 .* \(and 99 more/)
  api.put(at('a'), pod('a', naming(...all.slice(1000))))
  await until(() => cache.problem() === undefined && cache.hasSynced(configMaps, { namespace: 'default', name: 'c-1099' }), 'followed now')
})

test('the outbox delivers the last status of each object once the hub is there, then the deletion, and events in order', async () => {
  const api = createSmallApi()
  api.put(at('a'), pod('a', {}, { uid: 'u1' }))
  api.put(at('b'), pod('b', {}, { uid: 'u2' }))
  const first = await startHub(api.handler, { ca })
  const cache = createMemoryCache()
  const node = keep(agent(first, cache))
  await until(() => names(cache) === 'a,b', 'filled')
  await first.stop()
  await until(() => !node.link.isConnected(), 'the hub is away')

  for (let restart = 1; restart <= 50; restart++)
    node.outbox.patchStatus(pods, { namespace: 'default', name: 'a' }, { status: { restart } })
  node.outbox.patchStatus(pods, { namespace: 'default', name: 'b' }, { status: { phase: 'Succeeded' } }, { uid: 'u2' })
  node.outbox.deletePod({ namespace: 'default', name: 'b' }, 'u2')
  node.outbox.patchStatus(pods, { namespace: 'default', name: 'gone' }, { status: {} })
  for (let index = 0; index < 300; index++) node.outbox.emitEvent({ ...named('Event', `e${index}`), involvedObject: {} } as never)
  expect(node.outbox.droppedEvents).toBe(44)

  const asked = api.asked.length
  keep(await startHub(api.handler, { ca, port: first.port }))
  await until(() => node.outbox.isEmpty(), 'everything is delivered')
  expect((api.objects.get(at('a')) as { status?: object })?.status).toEqual({ restart: 50 })
  expect(api.objects.has(at('b'))).toBe(false)
  const writes = api.asked.slice(asked).filter(({ method, user }) => method !== 'GET' && user.name === 'system:node:pi-1')
  expect(writes.filter(({ path }) => path === `${at('a')}/status`)).toHaveLength(1)
  const ofB = writes.filter(({ path }) => path.startsWith(at('b'))).map(({ method }) => method)
  expect(ofB).toEqual(['PATCH', 'DELETE'])
  expect(api.objects.has(at('e44', 'events')) && api.objects.has(at('e299', 'events')) && !api.objects.has(at('e43', 'events'))).toBe(true)
})
