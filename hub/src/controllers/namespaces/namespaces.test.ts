import type { NamespaceCondition } from '@bramble/shared/kinds/namespace.ts'
import { apiServices } from '@bramble/shared/kinds/api-service.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { expect, it } from 'vitest'
import { podOf, startTestHub, type TestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'
import { conditionsOf, type Found } from './conditions.ts'
import type { OtherGroup } from '../other-group.ts'
import { remoteContent } from './remote-content.ts'

const config = {
  clusterCidr: '10.42.0.0/23',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}

async function withHome(): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  return hub
}
const seen = (hub: TestHub) => hub.client.get(namespaces, { name: 'home' }).catch(() => undefined)
const told = async (hub: TestHub, type: string): Promise<NamespaceCondition | undefined> =>
  (await seen(hub))?.status?.conditions?.find((condition) => condition.type === type)

it('a namespace waits for a group whose server does not answer, says so, and goes when nobody claims the group any more', async () => {
  await using hub = await withHome()
  const service = { namespace: 'default', name: 'garden', port: 443 }
  await hub.client.create(apiServices, {
    ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.garden.example.com' } },
    spec: {
      group: 'garden.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service,
    },
  })
  await until('the hub has heard of it', () => hub.remoteGroups().length === 1)
  await hub.client.delete(namespaces, { name: 'home' })
  const condition = await until('it says why', () => told(hub, 'NamespaceDeletionDiscoveryFailure'))
  expect(condition).toMatchObject({
    ...{ status: 'True', reason: 'DiscoveryFailed' },
    message:
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: garden.example.com/v1: stale GroupVersion discovery: garden.example.com/v1',
  })
  expect(await told(hub, 'NamespaceContentRemaining')).toMatchObject({ status: 'False', reason: 'ContentRemoved' })
  await hub.client.delete(apiServices, { name: 'v1.garden.example.com' })
  await until('it is gone', async () => (await seen(hub)) === undefined)
})

it('pods go before what they use, and what holds them is told', async () => {
  await using hub = await withHome()
  const held = podOf('a', {}, { namespace: 'home', finalizers: ['example.com/held'] })
  await hub.client.create(pods, held)
  await hub.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'used', namespace: 'home' } })
  await hub.client.delete(namespaces, { name: 'home' })
  expect(await until('it says what is left', () => told(hub, 'NamespaceContentRemaining'))).toMatchObject({
    ...{ status: 'True', reason: 'SomeResourcesRemain', message: 'Some resources are remaining: pods. has 1 resource instances' },
  })
  expect(await told(hub, 'NamespaceFinalizersRemaining')).toMatchObject({
    ...{ status: 'True', reason: 'SomeFinalizersRemain' },
    message: 'Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances',
  })
  const { metadata } = await hub.client.get(configMaps, { name: 'used', namespace: 'home' })
  expect(metadata.deletionTimestamp).toBeUndefined()
  const body = { metadata: { finalizers: null } }
  await hub.client.patch(pods, { name: 'a', namespace: 'home' }, { type: 'application/merge-patch+json', body })
  await until('it is gone', async () => (await seen(hub)) === undefined)
})

it('what stands in the conditions already is not written again, and a time is that of the last turn', () => {
  const none: Found = { left: [], unknown: [], failures: [] }
  const failing: Found = { ...none, failures: ['b', 'a'] }
  const first = conditionsOf({ found: failing, now: '2026-01-01T00:00:00Z' })
  expect(first).toHaveLength(5)
  expect(first?.[2]).toMatchObject({ status: 'True', message: 'Failed to delete all resource types, 2 remaining: a, b' })
  expect(conditionsOf({ found: failing, before: first, now: '2026-01-02T00:00:00Z' })).toBeUndefined()
  const second = conditionsOf({ found: none, before: first, now: '2026-01-03T00:00:00Z' })
  expect(second?.map(({ lastTransitionTime }) => lastTransitionTime?.slice(0, 10))).toEqual([
    ...['2026-01-01', '2026-01-01', '2026-01-03', '2026-01-01', '2026-01-01'],
  ])
})

it('of other servers each resource that can be deleted is asked once, in the version that is preferred', () => {
  const of = (version: string, versionPriority: number, more: Partial<OtherGroup> = {}): OtherGroup => ({
    ...{ group: 'g', version, versionPriority, isAvailable: true, isRead: true },
    resources: [
      { name: 'flowers', kind: 'Flower', namespaced: true, verbs: ['list', 'delete'] },
      { name: 'flowers/status', kind: 'Flower', namespaced: true, verbs: ['delete'] },
      { name: 'beds', kind: 'Bed', namespaced: false, verbs: ['list', 'delete'] },
      { name: 'readings', kind: 'Reading', namespaced: true, verbs: ['list'] },
      { name: 'seeds', kind: 'Seed', namespaced: true, verbs: ['delete'] },
      { name: 'weeds', kind: 'Weed', namespaced: true, verbs: ['delete', 'deletecollection'] },
    ],
    ...more,
  })
  const { resources, unknown } = remoteContent([
    of('v1', 1),
    of('v2', 9),
    of('v3', 5, { isRead: false }),
    of('v4', 3, { isAvailable: false }),
  ])
  expect(resources.map(({ version, resource }) => `${version} ${resource}`)).toEqual(['v2 flowers', 'v2 weeds'])
  expect(unknown).toEqual(['g/v3', 'g/v4'])
})
