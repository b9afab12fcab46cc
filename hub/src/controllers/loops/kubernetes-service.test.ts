import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { endpointSlices } from '@bramble/shared/kinds/endpoint-slice.ts'
import { endpoints } from '@bramble/shared/kinds/endpoints.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import { expect, test, vi } from 'vitest'
import { settle, startTestHub, until } from '../../client/test-hub.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = {
  clusterCidr: '10.42.0.0/23',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['127.0.0.1', '192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}

const read = <T extends KubeObject>(hub: TestHub, resource: Resource<T>, name: string, namespace: string) =>
  hub.client.get(resource, { name, namespace }).catch(() => undefined)

test('the Service default/kubernetes leads to the addresses at which nodes reach this hub', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  const service = await until('the Service is there', () => read(hub, services, 'kubernetes', 'default'))
  expect(service.spec).toMatchObject({ clusterIP: '10.43.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] })
  const slice = await until('the slice is there', () => read(hub, endpointSlices, 'kubernetes', 'default'))
  expect(slice.endpoints?.map(({ addresses }) => addresses)).toEqual([['192.168.1.2']])
  const old = await until('the Endpoints are there', () => read(hub, endpoints, 'kubernetes', 'default'))
  expect(old.subsets).toMatchObject([{ addresses: [{ ip: '192.168.1.2' }], ports: [{ port: 6443 }] }])
  await hub.client.delete(services, { name: 'kubernetes', namespace: 'default' })
  await until('it is back', async () => (await read(hub, services, 'kubernetes', 'default'))?.metadata.uid !== service.metadata.uid)
})

test('the Service default/kubernetes follows a hub that gets its address after it has started, and another one later', async () => {
  let addresses: readonly string[] = []
  await using hub = await startTestHub()
  const following = { ...config, hubAddresses: () => addresses }
  hub.start(controllersOf(hub, { config: following }))
  await until('the slice is there', () => read(hub, endpointSlices, 'kubernetes', 'default'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    // Its next look is then on this clock.
    const body = { metadata: { annotations: { looked: 'at' } } }
    await hub.client.patch(endpointSlices, { name: 'kubernetes', namespace: 'default' }, { type: 'application/merge-patch+json', body })
    for (const address of ['192.168.1.2', '192.168.1.77']) {
      // In between its link is down for a moment.
      addresses = []
      await vi.advanceTimersByTimeAsync(30_000)
      await settle()
      expect((await read(hub, endpointSlices, 'kubernetes', 'default'))?.endpoints?.length ?? 0).toBe(address === '192.168.1.2' ? 0 : 1)
      addresses = [address]
      await until(`${address} is behind it`, async () => {
        await vi.advanceTimersByTimeAsync(1000)
        const slice = await read(hub, endpointSlices, 'kubernetes', 'default')
        const old = await read(hub, endpoints, 'kubernetes', 'default')
        return slice?.endpoints?.[0]?.addresses[0] === address && old?.subsets?.[0]?.addresses?.[0]?.ip === address
      })
    }
  } finally {
    vi.useRealTimers()
  }
})
