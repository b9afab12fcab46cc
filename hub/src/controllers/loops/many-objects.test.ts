import { several } from '@bramble/shared/async/several.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { replicaSets, type ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { expect, test } from 'vitest'
import { settle, startTestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = {
  clusterCidr: '10.42.0.0/23',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}

const setOf = (replicas: number) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } },
    },
  }) as unknown as ReplicaSet // the API adds the defaults

test('of a ReplicaSet with a number beyond all reason a thousand pods wait, it says so, and more come as those find a node', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  await hub.client.create(replicaSets, setOf(2 ** 31 - 1))
  const status = async () => (await hub.client.get(replicaSets, { name: 'web', namespace: 'default' })).status
  const condition = await until('it says that it stopped', async () => (await status())?.conditions?.[0])
  expect(condition).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' })
  expect(condition.message).toContain('1000 of its pods wait for a node already')
  expect(await status()).toMatchObject({ replicas: 1000 })
  await settle()
  const { items } = await hub.client.list(pods, { namespace: 'default' })
  expect(items).toHaveLength(1000)
  for (const { metadata } of items.slice(0, 3)) {
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: metadata.name }, target: { kind: 'Node', name: 'pi-1' } }
    await hub.client.createSub(pods, { name: metadata.name, namespace: 'default' }, 'binding', binding)
  }
  await until('three more wait', async () => (await status())?.replicas === 1003)
  const body = { spec: { replicas: 2 } }
  await hub.client.patch(replicaSets, { name: 'web', namespace: 'default' }, { type: 'application/merge-patch+json', body })
  await until('it is what it was meant to be', async () => (await status())?.replicas === 2 && (await status())?.conditions === undefined)
})

test('a namespace with very many objects is emptied page by page', async () => {
  await using hub = await startTestHub()
  let most = 0
  const clientOf = (account: string): Client => {
    const client = hub.controller(account)
    return {
      ...client,
      async list(resource, query, options) {
        const list = await client.list(resource, query, options)
        if (query?.namespace === 'home') most = Math.max(most, list.items.length)
        return list
      },
    }
  }
  hub.start(controllersOf(hub, { clientOf, config }))
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  const mapOf = (name: string) => ({ apiVersion: 'v1' as const, kind: 'ConfigMap' as const, metadata: { name, namespace: 'home' } })
  const names = Array.from({ length: 1200 }, (_, i) => `map-${i}`)
  await several(names, 100, async (name) => void (await hub.client.create(configMaps, mapOf(name))))
  await hub.client.delete(namespaces, { name: 'home' })
  const isThere = async () =>
    hub.client.get(namespaces, { name: 'home' }).then(
      () => true,
      () => false,
    )
  await until('it is gone', async () => !(await isThere()))
  expect((await hub.client.list(configMaps, { namespace: 'home' })).items).toEqual([])
  expect(most).toBeLessThanOrEqual(500)
})
