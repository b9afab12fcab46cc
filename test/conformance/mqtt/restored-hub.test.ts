import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createSqliteCache } from '../../../edge-agent/src/cache/sqlite-cache.ts'
import { hubSource } from '../../../edge-agent/src/link/sync/hub-source.ts'
import { endUnlistedAnnotation } from '../../../edge-agent/src/link/sync/restored.ts'
import { createAcquaintance } from '../../../edge-agent/src/link/sync/meet-hub.ts'
import { createSync } from '../../../edge-agent/src/link/sync/sync.ts'
import { configMaps, nodes, pods, services } from '../../../edge-agent/src/resources.ts'
import { createTestApi } from '../../../hub/src/apiserver/testing/api.ts'
import { groupCommit } from '../../../hub/src/store/disk/group-commit.ts'
import { inThreadSqliteDisk } from '../../../hub/src/store/sqlite/in-thread-disk.ts'
import { createTestCa } from './certificates.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'

const ca = createTestCa()
const day = 24 * 3_600_000
const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/**
 * A hub on a store file that can be taken away and put back, and an agent with its cache on disk. Without names for its lives, as with a hub or
 * an agent of before, the agent goes by the revisions alone.
 */
async function startBoth({ isNamed = false } = {}) {
  let passed = 0
  const home = mkdtempSync(join(tmpdir(), 'bramble-restored-'))
  const store = join(home, 'store')
  const backup = join(home, 'backup')
  const startApi = async (port?: number) => {
    const api = await createTestApi({}, groupCommit({ disk: inThreadSqliteDisk({ path: join(store, 'store.db') }) }))
    const hub = await startHub(api.handle, {
      ca,
      ...(port !== undefined && { port }),
      ...(isNamed && { historyFor: (known) => api.store.historyFor(known) }),
    })
    return {
      api,
      port: hub.port,
      async stop() {
        await hub.stop()
        api.server.close()
        await api.store.close()
      },
    }
  }
  const startAgent = (port: number) => {
    const cache = createSqliteCache({ folder: join(home, 'agent'), clock: systemClock, log: silentLog })
    const node = startNode('pi-1', { ca, port }, { acquaintance: createAcquaintance({ cache }) })
    const sync = createSync({
      client: node.link.client,
      connected: node.link.connected,
      cache,
      node: 'pi-1',
      log: silentLog,
      random: () => 0,
      grace: { graceMs: day, checkMs: 5 },
      clock: { now: Date.now, monotonic: () => performance.now() + passed },
    })
    const running = start([sync])
    return {
      cache,
      sync,
      async stop() {
        await running.stop()
        await node.stop()
        cache.close()
      },
    }
  }
  opened.push({ stop: () => rmSync(home, { recursive: true }) })
  let hub = await startApi()
  let agent = startAgent(hub.port)
  keep({
    async stop() {
      await agent.stop()
      await hub.stop()
    },
  })
  return {
    get cache() {
      return agent.cache
    },
    get sync() {
      return agent.sync
    },
    ask: (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      hub.api.json(method, path, {
        ...(body !== undefined && { body }),
        ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
      }),
    revision: () => hub.api.store.mark().disk,
    names: () =>
      agent.cache
        .list(pods)
        .map(({ metadata }) => metadata.name)
        .sort()
        .join(),
    pass: (ms: number) => (passed += ms),
    async backUp() {
      await hub.stop()
      cpSync(store, backup, { recursive: true })
      hub = await startApi(hub.port)
    },
    async restore() {
      await hub.stop()
      rmSync(store, { recursive: true })
      cpSync(backup, store, { recursive: true })
      hub = await startApi(hub.port)
    },
    async restartHub() {
      await hub.stop()
      hub = await startApi(hub.port)
    },
    /** The agent is off meanwhile. */
    async restartAgent(meanwhile: () => Promise<void> = async () => {}) {
      await agent.stop()
      await meanwhile()
      agent = startAgent(hub.port)
    },
  }
}

type Both = Awaited<ReturnType<typeof startBoth>>

/** As much as a busy cluster does in a minute. */
async function write(both: Both, { count, name }: { readonly count: number; readonly name: string }) {
  for (let index = 0; index < count; index++)
    await both.ask('POST', `${inDefault}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-${index}` } })
}

const inDefault = '/api/v1/namespaces/default'
const podOf = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { nodeName: 'pi-1', automountServiceAccountToken: false, containers: [{ name: 'c', image: 'busybox', ...more }] },
})

/** A node with a pod of before the backup, and one of after it with what it names and its Service; then the backup is put back. */
async function restored() {
  const both = await startBoth()
  await both.ask('POST', `${inDefault}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  await both.ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' } })
  await both.ask('POST', `${inDefault}/pods`, podOf('before'))
  await until(() => both.names() === 'before', 'the first pod is there')
  await both.backUp()
  // So much happens until the hub is restored; a start of it and what the tests write is less.
  await write(both, { count: 30, name: 'filler' })
  await both.ask('PATCH', `${inDefault}/pods/before`, { metadata: { labels: { since: 'the-backup' } } })
  await both.ask('POST', `${inDefault}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { a: '1' },
  })
  await both.ask('POST', `${inDefault}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'after' },
    spec: { ports: [{ port: 80 }] },
  })
  await both.ask('POST', `${inDefault}/pods`, podOf('after', { envFrom: [{ configMapRef: { name: 'settings' } }] }))
  const settings = { namespace: 'default', name: 'settings' }
  const isFilled = () =>
    both.names() === 'after,before' && both.cache.get(configMaps, settings) !== undefined && both.cache.list(services).length === 1
  await until(isFilled, 'what came after the backup is there')
  const version = both.revision()
  const { uid } = both.cache.get(pods, { namespace: 'default', name: 'after' })?.metadata ?? {}
  await both.restore()
  const before = () => both.cache.get(pods, { namespace: 'default', name: 'before' })
  // Each list has a version of its own that was known.
  const isListed = () => before()?.metadata.labels?.['since'] === undefined && both.cache.unlisted(services).length === 1
  await until(isListed, 'the older state is there')
  return { both, version, uid, isFilled }
}

test('a hub that is restored from an older backup ends nothing on a node, and the node follows it from there', async () => {
  const { both, version, uid, isFilled } = await restored()
  expect(isFilled()).toBe(true)
  expect(both.cache.get(pods, { namespace: 'default', name: 'after' })?.metadata.uid).toBe(uid)
  expect(both.cache.unlisted(pods).map(({ metadata }) => metadata.name)).toEqual(['after'])
  expect(both.sync.restored()).toContain('pods that it does not list (1, such as default/after) go on')
  await both.ask('POST', `${inDefault}/pods`, podOf('new'))
  await until(() => both.names() === 'after,before,new', 'what the hub makes now comes')
  await both.ask('DELETE', `${inDefault}/pods/before?gracePeriodSeconds=0`)
  await until(() => both.names() === 'after,new', 'what the hub deletes now goes')
  // Also for a board that starts in the meantime, which lists nothing and resumes.
  await both.restartAgent()
  expect(both.names()).toBe('after,new')
  await both.ask('POST', `${inDefault}/pods`, podOf('newer'))
  await until(() => both.names() === 'after,new,newer', 'followed by the next agent')
  for (let more = 0; both.revision() <= version; more++)
    await both.ask('POST', `${inDefault}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s-${more}` },
      spec: { ports: [{ port: 80 }] },
    })
  both.pass(0.9 * day)
  await until(() => hubSource(both.cache).unlisted()?.isPassed === true, 'the hub has passed what the node knew')
  await both.ask('DELETE', `${inDefault}/pods/newer?gracePeriodSeconds=0`)
  await until(() => both.names() === 'after,new', 'somebody has a day to see what goes on')
  both.pass(0.2 * day)
  await until(() => both.names() === 'new', 'gone then')
  await until(() => both.cache.list(configMaps).length === 0, 'and so is what it named')
  await until(() => both.sync.restored() === undefined, 'nothing is left to tell')
})

test('while a restored hub is older than what the node knew, what it does not list goes on, until the operator names that version on the Node', async () => {
  const { both } = await restored()
  both.pass(2 * day)
  await both.ask('POST', `${inDefault}/pods`, podOf('new'))
  await until(() => both.names() === 'after,before,new', 'days later')
  const told = both.sync.restored() ?? ''
  const [, annotation = '', value = ''] = /annotate --overwrite node pi-1 (\S+)=(\d+)$/.exec(told) ?? []
  expect(annotation).toBe(endUnlistedAnnotation)
  await both.ask('PATCH', '/api/v1/nodes/pi-1', { metadata: { annotations: { [annotation]: value } } })
  await until(() => both.names() === 'before,new', 'gone')
  await until(() => both.cache.list(services).length === 0 && both.cache.list(nodes).length === 1, 'and its Service too')
  expect(hubSource(both.cache).unlisted()).toBeUndefined()
})

/** A node with these pods, and a hub whose lives have names. */
async function startNamed(names: readonly string[]) {
  const both = await startBoth({ isNamed: true })
  await both.ask('POST', `${inDefault}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  await both.ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' } })
  for (const name of names) await both.ask('POST', `${inDefault}/pods`, podOf(name))
  await until(() => both.names() === names.join(), 'its pods are there')
  return both
}
const end = (both: Both, name: string) => both.ask('DELETE', `${inDefault}/pods/${name}?gracePeriodSeconds=0`)

test('a restored hub that has passed all that a node knew is recognised: what it has forgotten goes on, what it ended since ends', async () => {
  const both = await startNamed(['before', 'ended-since'])
  await both.backUp()
  await both.ask('POST', `${inDefault}/pods`, podOf('after'))
  await until(() => both.names() === 'after,before,ended-since', 'what came after the backup is there')
  const version = both.revision()
  await both.restartAgent(async () => {
    await both.restore()
    await end(both, 'ended-since')
    await write(both, { count: 30, name: 'since' })
    expect(both.revision()).toBeGreaterThan(version)
  })
  const isFollowed = () => hubSource(both.cache).list(pods).length === 2 && both.sync.restored() !== undefined
  await until(isFollowed, 'its list is there')
  expect(both.names()).toBe('after,before')
  expect(both.cache.unlisted(pods).map(({ metadata }) => metadata.name)).toEqual(['after'])
  // Of the history that goes on both sides know the same now.
  await both.restartHub()
  await both.ask('POST', `${inDefault}/pods`, podOf('new'))
  await until(() => both.names() === 'after,before,new', 'followed from there')
  both.pass(1.1 * day)
  await until(() => both.names() === 'before,new', 'a day later it is gone')
})

test('a hub that starts again and again is no restored one: what it ended meanwhile ends', async () => {
  const both = await startNamed(['a', 'b', 'c'])
  await both.restartAgent(async () => {
    await both.restartHub()
    await end(both, 'b')
    await both.restartHub()
  })
  await until(() => both.names() === 'a,c', 'ended')
  await both.restartHub()
  await end(both, 'c')
  await until(() => both.names() === 'a', 'while the agent ran too')
  expect(both.sync.restored()).toBeUndefined()
})

test('a hub that is restored to what a node knew at least is followed as ever', async () => {
  const both = await startNamed(['a', 'b'])
  await both.restartAgent(async () => {
    await both.ask('POST', `${inDefault}/pods`, podOf('unheard-of'))
    await both.backUp()
    await write(both, { count: 5, name: 'lost' })
    await both.restore()
    await end(both, 'b')
  })
  await until(() => both.names() === 'a,unheard-of', 'followed')
  expect(both.sync.restored()).toBeUndefined()
})
