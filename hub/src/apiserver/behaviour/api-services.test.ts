import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { stableOf } from '../testing/doors.ts'

const url = '/apis/apiregistration.k8s.io/v1/apiservices'
const door = stableOf(undefined)

it('the groups and versions of the hub are there as Local, while kinds come and go', async () => {
  const kinds = createKindSet(builtIn)
  const { json, server } = await createTestApi({ kinds })
  const names = async (): Promise<readonly string[]> => (await json('GET', url)).body.items.map(({ metadata }: Json) => metadata.name)
  const { groups } = (await json('GET', '/apis')).body
  const versions = groups.flatMap(({ name, versions: all }: Json) => all.map(({ version }: Json) => `${version}.${name}`))
  const first = await names()
  expect(first.toSorted()).toEqual(['v1.', ...versions].toSorted())
  expect(await json('GET', `${url}/v1.apps`)).toMatchObject({
    body: {
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 },
      status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
    },
  })
  kinds.add(door)
  await server.bootstrap()
  expect(await names()).toContain('v1.house.example.com')
  kinds.remove(door)
  await server.bootstrap()
  expect(await names()).toEqual(first)
  server.close()
})

it('one for another server is stored, not available, and left alone', async () => {
  const { json, server } = await createTestApi()
  const spec = { group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 }
  const body = {
    ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.metrics.k8s.io' } },
    spec: { ...spec, service: { namespace: 'kube-system', name: 'metrics-server' } },
  }
  expect(await json('POST', url, { body })).toMatchObject({
    code: 201,
    body: { status: { conditions: [{ status: 'False', reason: 'NotServed' }] } },
  })
  await server.bootstrap()
  expect(await json('GET', `${url}/v1beta1.metrics.k8s.io`)).toMatchObject({ code: 200 })
  expect(await json('GET', '/apis/metrics.k8s.io/v1beta1')).toMatchObject({ code: 404 })
  server.close()
})
