import { afterEach, expect, test } from 'vitest'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createLog } from '@bramble/shared/logging/log.ts'
import { createMemoryCache } from '../../../edge-agent/src/cache/memory-cache.ts'
import { createOutbox } from '../../../edge-agent/src/link/outbox.ts'
import { createSync } from '../../../edge-agent/src/link/sync/sync.ts'
import { configMaps, endpointSlices, leases, nodes, pods, secrets, services } from '../../../edge-agent/src/resources.ts'
import { renewLease } from '../../../edge-agent/src/node/lease.ts'
import { createTestApi } from '../../../hub/src/apiserver/testing/api.ts'
import { start, startHub, startNode, until } from './hub-and-node.ts'
import { hubSource } from '../../../edge-agent/src/link/sync/hub-source.ts'

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

test("a node's whole life with the real apiserver: registers, is sent a pod with what it names, reports, lets go", async () => {
  const api = await createTestApi()
  const hub = keep(await startHub(api.handle))
  const node = keep(startNode('pi-1', hub))
  const { client, connected } = node.link
  const cache = createMemoryCache()
  const lines: string[] = []
  const log = createLog({ write: (line) => lines.push(line) })
  keep(start([createSync({ client, connected, cache, node: 'pi-1', log })]))
  const { outbox, service } = createOutbox({ client, connected, log })
  keep(start([service]))

  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' }, spec: {}, status: {} } as never)
  await renewLease({ client, node: 'pi-1', nodeUid: undefined, now: Date.now(), signal: new AbortController().signal })
  await until(
    () => cache.hasSynced(pods) && cache.hasSynced(services) && cache.hasSynced(endpointSlices) && cache.hasSynced(nodes),
    'synced',
  )

  const inDefault = '/api/v1/namespaces/default'
  expect(
    (
      await api.json('POST', `${inDefault}/configmaps`, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } },
      })
    ).code,
  ).toBe(201)
  await api.json('POST', `${inDefault}/secrets`, {
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password' }, data: { p: 'eA==' } },
  })
  await api.json('POST', `${inDefault}/serviceaccounts`, {
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
  })
  const created = await api.json('POST', `${inDefault}/pods`, {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: {
        nodeName: 'pi-1',
        containers: [
          { name: 'c', image: 'busybox', envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'password' } }] },
        ],
      },
    },
  })
  expect(created.body).toMatchObject({ metadata: { name: 'web' } })
  const key = { namespace: 'default', name: 'web' }
  await until(() => cache.get(pods, key) !== undefined, 'the pod')
  await until(() => cache.get(configMaps, { namespace: 'default', name: 'settings' }) !== undefined, 'its ConfigMap')
  await until(() => cache.get(secrets, { namespace: 'default', name: 'password' }) !== undefined, 'its Secret')
  expect(cache.list(services).map(({ metadata }) => metadata.name)).toEqual(cache.list(services).length === 0 ? [] : ['kubernetes'])

  const uid = cache.get(pods, key)?.metadata.uid ?? ''
  outbox.patchStatus(pods, key, { status: { phase: 'Running', podIP: '10.42.0.5' } }, { uid })
  await until(() => cache.get(pods, key)?.status?.phase === 'Running', 'its own report comes back')

  await api.json('PATCH', `${inDefault}/configmaps/settings`, { body: { data: { a: '2' } }, contentType: 'application/merge-patch+json' })
  await until(() => cache.get(configMaps, { namespace: 'default', name: 'settings' })?.data?.['a'] === '2', 'a changed ConfigMap')

  await api.json('DELETE', `${inDefault}/pods/web`)
  await until(() => cache.get(pods, key)?.metadata.deletionTimestamp !== undefined, 'asked to go')
  outbox.deletePod(key, uid)
  await until(() => cache.get(pods, key) === undefined, 'gone')
  await until(() => cache.list(secrets).length === 0, 'and its Secret too')
  await expect(client.get(secrets, { namespace: 'default', name: 'password' })).rejects.toSatisfy((error) => isApiError(error, 'Forbidden'))
  await expect(client.list(secrets)).rejects.toSatisfy((error) => isApiError(error, 'Forbidden'))

  // The last will reaches the Lease, and the next welcome takes it off.
  const leaseNow = async () =>
    (await api.json('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/pi-1')).body as KubeObject
  expect((await leaseNow()).metadata.annotations?.['bramble.io/disconnected-at']).toBeUndefined()
  expect((await client.get(leases, { namespace: 'kube-node-lease', name: 'pi-1' })).metadata.name).toBe('pi-1')
  expect(lines.filter((line) => line.includes('"warn"') || line.includes('"error"'))).toEqual([])
})

test('a node that comes back after the history was compacted lists again and misses nothing', async () => {
  const api = await createTestApi()
  const hub = await startHub(api.handle)
  const node = keep(startNode('pi-1', hub))
  const cache = createMemoryCache()
  keep(
    start([
      createSync({
        client: node.link.client,
        connected: node.link.connected,
        cache,
        node: 'pi-1',
        log: createLog({ write: () => {} }),
        random: () => 0,
      }),
    ]),
  )
  await until(() => cache.hasSynced(nodes), 'synced')
  const before = Number(hubSource(cache).resourceVersion('nodes'))
  await hub.stop()
  for (let index = 0; index < 5; index++)
    await api.json('POST', '/api/v1/namespaces/default/configmaps', {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${index}` } },
    })
  await api.store.compact(api.store.mark())
  await api.json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-9' } } })
  keep(await startHub(api.handle, { ca: hub.ca, port: hub.port }))
  await until(() => cache.list(nodes).length === 1, 'what happened after a compaction arrives too')
  expect(Number(hubSource(cache).resourceVersion('nodes'))).toBeGreaterThan(before)
})
