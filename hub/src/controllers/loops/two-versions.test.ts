import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Resource } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { expect, it, vi } from 'vitest'
import { beta, betaDoor, stable, stableDoor } from '../../apiserver/testing/doors.ts'
import { startTestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }

it('an owner is found whatever version of it a reference names, and objects are collected by whatever version is left', async () => {
  await using hub = await startTestHub()
  const { client, kinds } = hub
  kinds.replace([], [beta, stable])
  hub.start(controllersOf(hub, { config }))
  const isGone = (resource: Resource, name: string) =>
    client.get(resource, { namespace: 'home', name }).then(
      () => false,
      (error) => isApiError(error, 'NotFound'),
    )
  const at = { namespace: 'home' }
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  const owned = (name: string, owner: { metadata: { name: string; uid?: string | undefined } }, version: string) => ({
    ...({ apiVersion: 'v1', kind: 'ConfigMap' } as const),
    metadata: {
      ...{ ...at, name },
      ownerReferences: [
        {
          apiVersion: `house.example.com/${version}`,
          kind: 'Door',
          name: owner.metadata.name,
          uid: owner.metadata.uid ?? '',
          // A version that is served no more cannot be looked up.
          blockOwnerDeletion: version !== 'v1alpha1',
        },
      ],
    },
  })
  const first = await client.create(stable, stableDoor('first', { width: 1 }, at))
  const second = await client.create(beta, betaDoor('second', { open: true }, at))
  const third = await client.create(beta, betaDoor('third', { open: true }, at))
  await client.create(configMaps, owned('by-beta', first, 'v1beta1'))
  await client.create(configMaps, owned('by-old', first, 'v1alpha1'))
  await client.create(configMaps, owned('by-stable', second, 'v1'))
  await client.create(configMaps, owned('kept', third, 'v1'))
  await client.delete(beta, { ...at, name: 'first' })
  for (const name of ['by-beta', 'by-old']) await vi.waitFor(async () => expect(await isGone(configMaps, name)).toBe(true), 10_000)
  expect(await isGone(configMaps, 'by-stable')).toBe(false)

  // The version that they were followed in goes; the other one is still served.
  kinds.remove(stable)
  await client.delete(beta, { ...at, name: 'second' }, { propagationPolicy: 'Foreground' })
  await vi.waitFor(async () => expect([await isGone(configMaps, 'by-stable'), await isGone(beta, 'second')]).toEqual([true, true]), 10_000)
  expect(await isGone(configMaps, 'kept')).toBe(false)
  await client.delete(namespaces, { name: 'home' })
  await vi.waitFor(async () => expect(await isGone(beta, 'third')).toBe(true), 10_000)
})
