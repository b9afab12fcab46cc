import type { KubeObject } from '@bramble/shared/api/client.ts'
import { defineKind } from '@bramble/shared/schema/kind.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { objectMeta } from '@bramble/shared/meta/object-meta.ts'
import { f, message } from '@bramble/shared/types/field.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { expect, it, vi } from 'vitest'
import * as z from 'zod'
import { startTestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

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

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443 }
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
