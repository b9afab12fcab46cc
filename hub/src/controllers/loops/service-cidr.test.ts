import { isApiError } from '@bramble/shared/api/api-error.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { serviceCidrs } from '@bramble/shared/kinds/service-cidr.ts'
import { expect, it } from 'vitest'
import { startTestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'ca' }

it('each ServiceCIDR kubernetes that says otherwise than the hub is told of', async () => {
  await using hub = await startTestHub()
  const { client } = hub
  const key = { name: 'kubernetes' }
  const other = () =>
    client.create(serviceCidrs, {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: key },
      spec: { cidrs: ['10.99.0.0/16'] },
    })
  const told = async () => (await client.list(events)).items.filter(({ reason }) => reason === 'KubernetesDefaultServiceCIDRInconsistent')
  const first = await other()
  hub.start(controllersOf(hub, { config }))
  await until('the first is told of', async () => (await told()).length === 1)
  // The hub makes its own when there is none, and may be faster.
  const second = await until('there is another one', async () => {
    await client.delete(serviceCidrs, key)
    return other().catch((error: unknown) => {
      if (!isApiError(error, 'AlreadyExists')) throw error
      return undefined
    })
  })
  await until('the second is told of', async () => (await told()).length === 2)
  const uids = (await told()).map(({ involvedObject }) => involvedObject.uid)
  expect(uids.toSorted()).toEqual([first.metadata.uid, second.metadata.uid].toSorted())
})

it('the network that Services get their addresses of is told as the ServiceCIDR kubernetes, which is ready, and made again when it is gone', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  const read = () => hub.client.get(serviceCidrs, { name: 'kubernetes' }).catch(() => undefined)
  const isReady = async () => (await read())?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  await until('it is ready', isReady)
  const seen = await hub.client.get(serviceCidrs, { name: 'kubernetes' })
  expect(seen.spec?.cidrs).toEqual([config.serviceCidr])
  await hub.client.delete(serviceCidrs, { name: 'kubernetes' })
  await until('another one is ready', async () => {
    const { metadata } = (await read()) ?? {}
    return metadata !== undefined && metadata.uid !== seen.metadata.uid && (await isReady())
  })
})
