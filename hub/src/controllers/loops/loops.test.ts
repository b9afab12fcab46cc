import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import type { ConfigMap } from '@bramble/shared/kinds/config-map.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import { endpoints } from '@bramble/shared/kinds/endpoints.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import { expect, test } from 'vitest'
import { createNode, createPretendAgents, podOf, settle, startTestHub, until } from '../../client/test-hub.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { collected } from '../../testing/collected.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = {
  clusterCidr: '10.42.0.0/23',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['127.0.0.1', '192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}

async function startHub(): Promise<TestHub> {
  const hub = await startTestHub()
  startControllers(hub)
  return hub
}
const startControllers = (hub: TestHub) => hub.start(controllersOf(hub, { config }), createPretendAgents(hub.client))

const read = <T extends KubeObject>(hub: TestHub, resource: Resource<T>, name: string, namespace?: string) =>
  hub.client.get(resource, namespace === undefined ? { name } : { name, namespace }).catch(() => undefined)
const gone = (hub: TestHub, resource: Resource, name: string, namespace?: string) =>
  until(`${resource.resource} ${name} is gone`, async () => (await read(hub, resource, name, namespace)) === undefined)

const mapOf = (name: string, owner?: KubeObject, extra: Partial<ConfigMap['metadata']> = {}, block = false): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'default',
    ...extra,
    ...(owner === undefined
      ? {}
      : {
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name: owner.metadata.name,
              uid: owner.metadata.uid ?? '',
              ...(block ? { blockOwnerDeletion: true } : {}),
            },
          ],
        }),
  },
})

test('the namespace of the leases of all nodes is there again after it was deleted', async () => {
  await using hub = await startHub()
  const before = await until('it is there', () => read(hub, namespaces, 'kube-node-lease'))
  await hub.client.delete(namespaces, { name: 'kube-node-lease' })
  const after = await until('it is there again', async () => {
    const now = await read(hub, namespaces, 'kube-node-lease')
    return now === undefined || now.metadata.uid === before.metadata.uid ? undefined : now
  })
  expect(after.metadata.deletionTimestamp).toBeUndefined()
})

test('every namespace has a default service account, also after somebody deleted it', async () => {
  await using hub = await startHub()
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  for (const name of ['default', 'kube-system', 'home']) await until('it is there', () => read(hub, serviceAccounts, 'default', name))
  await hub.client.delete(serviceAccounts, { name: 'default', namespace: 'home' })
  await until('it is back', () => read(hub, serviceAccounts, 'default', 'home'))
})

test('a namespace that is deleted takes everything in it along', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  await hub.client.create(configMaps, { ...mapOf('a'), metadata: { name: 'a', namespace: 'home' } })
  const pod = podOf('a', { nodeName: 'pi-1' }, { namespace: 'home' })
  await hub.client.create(pods, pod)
  await hub.client.delete(namespaces, { name: 'home' })
  await gone(hub, namespaces, 'home')
  expect(await read(hub, pods, 'a', 'home')).toBeUndefined()
  expect(await read(hub, configMaps, 'a', 'home')).toBeUndefined()
})

test('a namespace that is deleted takes along what is stored in it and cannot be read', async () => {
  await using hub = await startTestHub()
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  const metadata = '"metadata":{"name":"odd1","namespace":"home","uid":"u","finalizers":["example.com/held"]}'
  const texts = ['no JSON', `{"kind":"Pod","apiVersion":"v1",${metadata}}`]
  const keys = texts.flatMap((_text, index) => ['pods', 'services', 'secrets'].map((resource) => `/core/${resource}/home/odd${index}`))
  for (const key of keys) await hub.store.create(key, texts[Number(key.at(-1))] ?? '')
  startControllers(hub)
  await until('it has its account', () => read(hub, serviceAccounts, 'default', 'home'))
  await hub.client.delete(namespaces, { name: 'home' })
  await gone(hub, namespaces, 'home')
  expect(keys.filter((key) => hub.store.get(key) !== undefined)).toEqual([])
})

test('each node has its own pod addresses, and a node for which none are left gets them when another one leaves', async () => {
  await using hub = await startHub()
  for (const name of ['pi-1', 'pi-2', 'pi-3']) await createNode(hub.client, name)
  const cidrs = async () => (await hub.client.list(nodes)).items.flatMap(({ spec }) => spec?.podCIDRs ?? [])
  await until('two have theirs', async () => (await cidrs()).length === 2)
  await settle()
  expect((await cidrs()).sort()).toEqual(['10.42.0.0/24', '10.42.1.0/24'])
  const lucky = (await hub.client.list(nodes)).items.find(({ spec }) => spec?.podCIDR !== undefined)
  await hub.client.delete(nodes, { name: lucky?.metadata.name ?? '' })
  await until('the third has one', async () => (await cidrs()).length === 2)
})

test('what is owned goes with its owner, through all generations', async () => {
  await using hub = await startHub()
  const owner = await hub.client.create(configMaps, mapOf('owner'))
  const child = await hub.client.create(configMaps, mapOf('child', owner))
  await hub.client.create(configMaps, mapOf('grandchild', child))
  await settle()
  await hub.client.delete(configMaps, { name: 'owner', namespace: 'default' })
  await gone(hub, configMaps, 'child', 'default')
  await gone(hub, configMaps, 'grandchild', 'default')
})

test('what claims an owner that never was, or one of another uid, is collected', async () => {
  await using hub = await startHub()
  const owner = await hub.client.create(configMaps, mapOf('owner'))
  await hub.client.create(configMaps, mapOf('kept', owner))
  await hub.client.create(configMaps, mapOf('stray', { ...owner, metadata: { ...owner.metadata, uid: 'another' } }))
  await gone(hub, configMaps, 'stray', 'default')
  expect(await read(hub, configMaps, 'kept', 'default')).toBeDefined()
})

test('an owner deleted in the foreground goes after its dependents', async () => {
  await using hub = await startHub()
  const owner = await hub.client.create(configMaps, mapOf('owner'))
  await hub.client.create(configMaps, mapOf('child', owner, { finalizers: ['example.com/hold'] }, true))
  await settle()
  await hub.client.delete(configMaps, { name: 'owner', namespace: 'default' }, { propagationPolicy: 'Foreground' })
  await until('the child is going', async () => (await read(hub, configMaps, 'child', 'default'))?.metadata.deletionTimestamp !== undefined)
  await settle()
  expect(await read(hub, configMaps, 'owner', 'default')).toBeDefined()
  const body = { metadata: { finalizers: null } }
  await hub.client.patch(configMaps, { name: 'child', namespace: 'default' }, { type: 'application/merge-patch+json', body })
  await gone(hub, configMaps, 'owner', 'default')
})

test('an owner deleted with orphans leaves its dependents behind, free', async () => {
  await using hub = await startHub()
  const owner = await hub.client.create(configMaps, mapOf('owner'))
  await hub.client.create(configMaps, mapOf('child', owner))
  await settle()
  await hub.client.delete(configMaps, { name: 'owner', namespace: 'default' }, { propagationPolicy: 'Orphan' })
  await gone(hub, configMaps, 'owner', 'default')
  await settle()
  expect((await read(hub, configMaps, 'child', 'default'))?.metadata.ownerReferences ?? []).toEqual([])
})

const setOf = (replicas: number): ReplicaSet =>
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
const podsOfWeb = async (hub: TestHub) => (await hub.client.list(pods, { namespace: 'default', labelSelector: 'app=web' })).items

test('a ReplicaSet never makes more pods than it wants, takes in orphans that fit and lets go of what does not', async () => {
  await using hub = await startHub()
  await hub.client.create(pods, podOf('orphan', {}, { labels: { app: 'web' } }))
  await hub.client.create(replicaSets, setOf(20))
  await until('it has twenty', async () => (await read(hub, replicaSets, 'web', 'default'))?.status?.replicas === 20)
  const all = await podsOfWeb(hub)
  expect(all).toHaveLength(20)
  const creations = hub.writes.filter((write) => write === 'POST /api/v1/namespaces/default/pods')
  expect(creations).toHaveLength(1 + 19)
  const orphan = await read(hub, pods, 'orphan', 'default')
  expect(orphan?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ReplicaSet', name: 'web', controller: true })
  await hub.client.patch(
    pods,
    { name: 'orphan', namespace: 'default' },
    { type: 'application/merge-patch+json', body: { metadata: { labels: { app: 'free' } } } },
  )
  await until('it is free', async () => ((await read(hub, pods, 'orphan', 'default'))?.metadata.ownerReferences ?? []).length === 0)
  await until('there is another one', async () => (await podsOfWeb(hub)).length === 20)
})

test('a ReplicaSet that is scaled down gives up exactly as many, and one that is deleted all', async () => {
  await using hub = await startHub()
  await hub.client.create(replicaSets, setOf(8))
  await until('it has eight', async () => (await podsOfWeb(hub)).length === 8)
  await hub.client.patch(
    replicaSets,
    { name: 'web', namespace: 'default' },
    { type: 'application/merge-patch+json', body: { spec: { replicas: 3 } } },
  )
  await until('it has three', async () => (await read(hub, replicaSets, 'web', 'default'))?.status?.replicas === 3)
  await settle()
  expect(await podsOfWeb(hub)).toHaveLength(3)
  await hub.client.delete(replicaSets, { name: 'web', namespace: 'default' })
  await until('all are gone', async () => (await podsOfWeb(hub)).length === 0)
})

test("a node that reports an address which is not its own gets no endpoint, and is told by an event; its Service's other pods go on", async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], type: 'ClusterIP', sessionAffinity: 'None' },
  })
  await until('it has its addresses', async () => (await read(hub, nodes, 'pi-1'))?.spec?.podCIDR === '10.42.0.0/24')
  const behind = async () => {
    const selector = { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' }
    const { items } = await hub.client.list(endpointSlices, selector)
    return items.flatMap(({ endpoints = [] }) => endpoints.map(({ targetRef }) => targetRef?.name)).join()
  }
  await hub.client.create(pods, podOf('liar', { nodeName: 'pi-1' }, { labels: { app: 'web' } }))
  await until('it is behind the Service', async () => (await behind()) === 'liar')
  const claim = (podIP: string) =>
    hub.client.patch(
      pods,
      { name: 'liar', namespace: 'default' },
      { type: 'application/merge-patch+json', body: { status: { podIP, podIPs: [{ ip: podIP }] } } },
      { subresource: 'status' },
    )
  await expect(claim('not an ip')).rejects.toThrow('status.podIPs[0]: Invalid value: "not an ip": must be a valid IP address')
  await claim('10.42.9.9')
  await hub.client.create(pods, podOf('web', { nodeName: 'pi-1' }, { labels: { app: 'web' } }))
  await until('only the other is', async () => (await behind()) === 'web')
  await until('it is told', async () =>
    (await hub.client.list(events, { namespace: 'default' })).items.some(
      ({ reason, message }) => reason === 'EndpointRefused' && message?.includes('10.42.9.9 is not in the pod network of node pi-1'),
    ),
  )
})

test('the pods behind a Service are listed as they become ready, and a Service that goes takes its lists along', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], type: 'ClusterIP', sessionAffinity: 'None' },
  })
  await hub.client.create(pods, podOf('web', { nodeName: 'pi-1' }, { labels: { app: 'web' } }))
  const slices = async () =>
    (await hub.client.list(endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items
  await until('it is ready', async () => (await slices())[0]?.endpoints?.[0]?.conditions?.ready === true)
  await until('in Endpoints too', async () => (await read(hub, endpoints, 'web', 'default'))?.subsets?.[0]?.addresses?.length === 1)
  await hub.client.delete(services, { name: 'web', namespace: 'default' })
  await until('they are gone', async () => (await slices()).length === 0)
  await gone(hub, endpoints, 'web', 'default')
})

test('what a ConfigMap holds is in memory once, as it is stored: who needs its metadata keeps no more of it', async () => {
  await using hub = await startHub()
  const owner = await hub.client.create(configMaps, mapOf('owner'))
  await hub.client.create(configMaps, { ...mapOf('large', owner), data: { large: 'x'.repeat(1024 * 1024) } })
  const parsed = new WeakRef(await hub.client.get(configMaps, { name: 'large', namespace: 'default' }))
  // So that the apiserver has parsed others since.
  for (let i = 0; i < 5; i += 1) await hub.client.create(configMaps, { ...mapOf(`other-${i}`), data: { large: 'x'.repeat(1024 * 1024) } })
  await collected(parsed)
  await hub.client.delete(configMaps, { name: 'owner', namespace: 'default' })
  await gone(hub, configMaps, 'large', 'default')
})
