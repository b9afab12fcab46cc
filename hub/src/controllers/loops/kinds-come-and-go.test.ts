import { defineKind } from '@bramble/shared/schema/kind.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message } from '@bramble/shared/types/field.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { expect, it, vi } from 'vitest'
import * as z from 'zod'
import { type Client, type KubeObject, metadataOf } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { createInformerSet } from '../../client/informer-set.ts'
import { settle, startTestHub, type TestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'
import { hubParts } from '../../apiserver/authz/hub-parts.ts'

type Door = KubeObject & { spec: { open: boolean } }

const doors = defineKind<Door>({
  group: 'house.example.com',
  version: 'v1',
  kind: 'Door',
  resource: 'doors',
  singular: 'door',
  namespaced: true,
  schema: message('Door', {
    apiVersion: z.literal('house.example.com/v1'),
    kind: z.literal('Door'),
    metadata: f(1, objectMeta),
    spec: f(2, message('DoorSpec', { open: f(1, z.boolean()) })),
  }) as z.ZodType<Door>,
  description: 'What can be open.',
  columns: [],
})

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }
const door = (name: string, metadata: object = {}): Door => ({
  apiVersion: 'house.example.com/v1',
  kind: 'Door',
  metadata: { name, namespace: 'home', ...metadata },
  spec: { open: true },
})

it('a kind that comes while the hub runs is served, collected and deleted with its namespace, and is gone when it goes', async () => {
  await using hub = await startTestHub()
  const { client, kinds } = hub
  hub.start(controllersOf(hub, { config }))
  const isGone = async (name: string) =>
    client.get(doors, { namespace: 'home', name }).then(
      () => false,
      (error) => isApiError(error, 'NotFound'),
    )
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  await expect(client.create(doors, door('early'))).rejects.toSatisfy((error) => isApiError(error, 'NotFound'))

  kinds.add(doors)
  const owner = await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner', namespace: 'home' } })
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' }
  await client.create(doors, door('owned', { ownerReferences: [reference] }))
  await client.create(doors, door('free'))
  await expect(client.create(doors, { ...door('odd'), spec: { open: 'ajar' } } as never)).rejects.toThrow('open')
  await client.delete(configMaps, { namespace: 'home', name: 'owner' })
  await vi.waitFor(async () => expect(await isGone('owned')).toBe(true), 10_000)
  expect(await isGone('free')).toBe(false)

  await client.delete(namespaces, { name: 'home' })
  await vi.waitFor(async () => expect(await isGone('free')).toBe(true), 10_000)
  kinds.remove(doors)
  await expect(client.list(doors, {})).rejects.toSatisfy((error) => isApiError(error, 'NotFound'))
  kinds.add(doors)
  expect((await client.list(doors, {})).items).toEqual([])
})

/** A hub whose informers never get a list of doors. */
async function withDoorsUnlisted(hub: TestHub) {
  const client = hub.part(hubParts.informers)
  const stop = new AbortController()
  const asked = { doors: 0 }
  const list: Client['list'] = (resource, ...rest) => {
    if (resource.resource !== 'doors') return client.list(resource, ...rest)
    asked.doors += 1
    return new Promise(() => {})
  }
  const informers = createInformerSet({ client: { ...client, list }, clock: systemClock, log: silentLog })
  void informers.run(stop.signal)
  hub.kinds.add(doors)
  // As somebody has followed them who led before.
  informers.for(metadataOf(doors))
  hub.start(controllersOf(hub, { config, informers }))
  // Then all controllers have said what they follow.
  await vi.waitFor(() => hub.client.get(serviceAccounts, { namespace: 'default', name: 'default' }), 10_000)
  expect(asked.doors).toBe(1)
  return { [Symbol.dispose]: () => stop.abort() }
}

it('a kind whose objects cannot be listed holds up nobody but whoever follows it', async () => {
  await using hub = await startTestHub()
  using _ = await withDoorsUnlisted(hub)
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  await vi.waitFor(() => hub.client.get(serviceAccounts, { namespace: 'home', name: 'default' }), 10_000)
})

it('a kind that goes before its objects have been listed is waited for no longer', async () => {
  await using hub = await startTestHub()
  using _ = await withDoorsUnlisted(hub)
  hub.kinds.remove(doors)
  const { client } = hub
  const configMap = (name: string, metadata: object = {}) =>
    client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', ...metadata } })
  const owner = await configMap('owner')
  await configMap('owned', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }] })
  await client.delete(configMaps, { namespace: 'default', name: 'owner' })
  const find = () => client.list(configMaps, ofTheTest)
  await vi.waitFor(async () => expect((await find()).items).toEqual([]), 10_000)
})

/** Every namespace has one more, by which its pods know the API. */
const ofTheTest = { namespace: 'default', fieldSelector: 'metadata.name!=kube-root-ca.crt' }

const ownedBy = (kind: string, name = 'owned') => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace: 'default', ownerReferences: [{ apiVersion: 'house.example.com/v1', kind, name: 'gone', uid: 'gone' }] },
})

it('what belongs to somebody of a kind that nobody knows stays, and is judged when the kind comes', async () => {
  await using hub = await startTestHub()
  const { client } = hub
  hub.start(controllersOf(hub, { config }))
  await client.create(configMaps, ownedBy('Door'))
  await client.create(configMaps, ownedBy('Window', 'other'))
  await settle()
  const names = async () => (await client.list(configMaps, ofTheTest)).items.map(({ metadata }) => metadata.name)
  expect(await names()).toEqual(['other', 'owned'])
  hub.kinds.add(doors)
  await vi.waitFor(async () => expect(await names()).toEqual(['other']), 10_000)
})

it('nobody is taken for gone because his kind went while he was looked for', async () => {
  await using hub = await startTestHub()
  const { client, kinds } = hub
  let looks = 0
  const clientOf = (account: string): Client => {
    const controller = hub.controller(account)
    return {
      ...controller,
      get(resource, ...rest) {
        if (resource.resource === 'doors' && looks++ === 0) kinds.remove(doors)
        return controller.get(resource, ...rest)
      },
    }
  }
  kinds.add(doors)
  hub.start(controllersOf(hub, { config, clientOf }))
  await client.create(configMaps, ownedBy('Door'))
  await vi.waitFor(() => expect(looks).toBe(1), 10_000)
  await settle()
  expect((await client.list(configMaps, ofTheTest)).items).toHaveLength(1)
})
