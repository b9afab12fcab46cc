import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { expect, test } from 'vitest'
import { startTestHub, type TestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/23', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'the authority' }

const authorityIn = (hub: TestHub, namespace: string) =>
  hub.client.get(configMaps, { name: 'kube-root-ca.crt', namespace }).catch(() => undefined)

test('every namespace has the authority of the API, and has it again when it was deleted or changed', async () => {
  await using hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } })
  for (const namespace of ['default', 'new'])
    expect(await until(`it is in ${namespace}`, () => authorityIn(hub, namespace))).toMatchObject({ data: { 'ca.crt': 'the authority' } })
  const key = { name: 'kube-root-ca.crt', namespace: 'new' }
  const before = await authorityIn(hub, 'new')
  await hub.client.delete(configMaps, key)
  await until('it is there again', async () => ![undefined, before?.metadata.uid].includes((await authorityIn(hub, 'new'))?.metadata.uid))
  const body = { data: { 'ca.crt': 'of somebody else', more: 'x' } }
  await hub.client.patch(configMaps, key, { type: 'application/merge-patch+json', body })
  const data = await until('it is right again', async () => {
    const now = (await authorityIn(hub, 'new'))?.data
    return now?.['ca.crt'] === 'the authority' ? now : undefined
  })
  expect(data).toEqual({ 'ca.crt': 'the authority' })
})
