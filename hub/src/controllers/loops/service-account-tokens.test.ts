import { isApiError } from '@bramble/shared/api/api-error.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { type Secret, secrets } from '@bramble/shared/kinds/secret.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import { expect, it } from 'vitest'
import { settle, startTestHub, type TestHub, until } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16', hubAddresses: () => [], hubPort: 6443, rootCa: 'the CA' }
const namespace = 'default'

const start = async () => {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config, tokenFor: hub.legacyToken }))
  const account = (name: string) =>
    hub.client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
  const make = (name: string, annotations: Readonly<Record<string, string>>, type = 'kubernetes.io/service-account-token') =>
    hub.client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, annotations }, type })
  return { hub, account, make }
}
const decoded = ({ data = {} }: Secret) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
const find = (hub: TestHub, name: string) =>
  hub.client.get(secrets, { namespace, name }).catch((error: unknown) => {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  })
const filled = (hub: TestHub, name: string) =>
  until(`${name} has a token`, async () => {
    const secret = await find(hub, name)
    return secret?.data?.['token'] === undefined ? undefined : secret
  })
const gone = (hub: TestHub, name: string) =>
  until(`${name} is gone`, async () => ((await find(hub, name)) === undefined ? true : undefined))
const named = (name: string) => ({ 'kubernetes.io/service-account.name': name })

it('a Secret that names an account gets its token, and what is needed to use it; what is taken away comes again', async () => {
  const { hub, account, make } = await start()
  await using _ = hub
  const { metadata } = await account('robot')
  await make('robot-token', named('robot'))
  const secret = await filled(hub, 'robot-token')
  const data = decoded(secret)
  expect(data).toEqual({ 'ca.crt': 'the CA', namespace, token: expect.any(String) as string })
  expect(secret.metadata.annotations).toEqual({ ...named('robot'), 'kubernetes.io/service-account.uid': metadata.uid })
  const claims: unknown = JSON.parse(Buffer.from(data['token']?.split('.')[1] ?? '', 'base64url').toString())
  expect(claims).toEqual({
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': 'robot-token',
    'kubernetes.io/serviceaccount/service-account.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.uid': metadata.uid,
    sub: 'system:serviceaccount:default:robot',
  })
  await hub.client.update(secrets, { ...secret, data: { own: 'eA==' } })
  expect(decoded(await filled(hub, 'robot-token'))).toMatchObject({ 'ca.crt': 'the CA', namespace, own: 'x' })
})

it('it goes with its account, also when another has its name, and is not kept for one that is not there', async () => {
  const { hub, account, make } = await start()
  await using _ = hub
  await account('robot')
  await make('robot-token', named('robot'))
  await make('another', named('robot'), 'Opaque')
  await filled(hub, 'robot-token')
  await hub.client.delete(serviceAccounts, { namespace, name: 'robot' })
  await gone(hub, 'robot-token')
  await make('of-nobody', named('nobody'))
  await gone(hub, 'of-nobody')
  await account('robot')
  await make('of-another', { ...named('robot'), 'kubernetes.io/service-account.uid': 'before' })
  await gone(hub, 'of-another')
  // What only names an account is left alone.
  expect((await find(hub, 'another'))?.data).toBeUndefined()
})

it('one that cannot be filled in says so, once', async () => {
  const { hub, account } = await start()
  await using _ = hub
  await account('robot')
  const metadata = { name: 'closed', namespace, annotations: named('robot') }
  await hub.client.create(secrets, {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata, immutable: true },
    type: 'kubernetes.io/service-account-token',
  })
  const told = () => hub.client.list(events, { namespace, fieldSelector: 'involvedObject.name=closed' })
  const { items } = await until('somebody is told', async () => {
    const list = await told()
    return list.items.length === 0 ? undefined : list
  })
  expect(items).toMatchObject([
    {
      ...{ reason: 'FailedSync', type: 'Warning', message: expect.stringContaining('field is immutable when `immutable` is set') },
      involvedObject: { apiVersion: 'v1', kind: 'Secret', name: 'closed', namespace },
    },
  ])
  // By now it has been tried some times more.
  await settle(500)
  expect((await told()).items.map(({ count }) => count)).toEqual([1])
})
