import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import type { OwnerReference } from '@bramble/shared/meta/object-meta.ts'
import { expect, test } from 'vitest'
import { settle, startTestHub, until } from '../../client/test-hub.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

const config = { clusterCidr: '10.42.0.0/23', serviceCidr: '10.43.0.0/16', hubAddresses: () => ['127.0.0.1'], hubPort: 6443, rootCa: 'ca' }
const merge = 'application/merge-patch+json'

async function startHub(): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  return hub
}

type Extra = { readonly finalizers?: string[]; readonly ownerReferences?: OwnerReference[] }
type Member = { readonly resource: Resource<KubeObject>; readonly name: string }

const ownerOf = ({ apiVersion, kind, metadata }: KubeObject, blockOwnerDeletion = true): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  blockOwnerDeletion,
})
const create = (hub: TestHub, { resource, name }: Member, extra: Extra = {}, namespace: string | undefined = 'default') =>
  hub.client.create(resource, {
    apiVersion: resource.group === '' ? 'v1' : `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), ...extra },
  })
const read = (hub: TestHub, { resource, name }: Member) => hub.client.get(resource, { name, namespace: 'default' }).catch(() => undefined)
const patch = (hub: TestHub, { resource, name }: Member, metadata: object) =>
  hub.client.patch(resource, { name, namespace: 'default' }, { type: merge, body: { metadata } })

const map = (name: string): Member => ({ resource: configMaps, name })
const secret = (name: string): Member => ({ resource: secrets, name })

/** Each is owned by the next, the last by the first. */
async function createCircle(hub: TestHub, members: readonly Member[], extra: Extra = {}): Promise<void> {
  const made = []
  for (const member of members) made.push(await create(hub, member, extra))
  for (const [i, member] of members.entries())
    await patch(hub, member, { ownerReferences: [ownerOf(made[(i + 1) % made.length] as KubeObject)] })
  await settle()
}
const remove = (hub: TestHub, { resource, name }: Member, propagationPolicy: 'Foreground' | 'Background' | 'Orphan') =>
  hub.client.delete(resource, { name, namespace: 'default' }, { propagationPolicy })
const allGone = (hub: TestHub, members: readonly Member[]) =>
  until('all are gone', async () => (await Promise.all(members.map((member) => read(hub, member)))).every((each) => each === undefined))

test.each([
  ['one that owns itself', [map('a')]],
  ['two', [map('a'), map('b')]],
  ['three', [map('a'), map('b'), map('c')]],
  ['three of two kinds', [map('a'), secret('b'), map('c')]],
  ['thirty', Array.from({ length: 30 }, (_, i) => map(`m${i}`))],
])('a circle of owners that is deleted in the foreground goes: %s', async (_name, members) => {
  await using hub = await startHub()
  await createCircle(hub, members)
  await remove(hub, members[0] as Member, 'Foreground')
  await allGone(hub, members)
})

test('a circle of owners all of which are deleted in the foreground at once goes', async () => {
  await using hub = await startHub()
  const members = [map('a'), map('b'), map('c')]
  await createCircle(hub, members)
  await Promise.all(members.map((member) => remove(hub, member, 'Foreground')))
  await allGone(hub, members)
})

test('a circle of owners that is deleted in the background goes, and one that is orphaned loses one member', async () => {
  await using hub = await startHub()
  const first = [map('a'), map('b'), map('c')]
  await createCircle(hub, first)
  await remove(hub, map('a'), 'Background')
  await allGone(hub, first)

  await createCircle(hub, [map('d'), map('e')])
  await remove(hub, map('d'), 'Orphan')
  await allGone(hub, [map('d')])
  await settle()
  expect((await read(hub, map('e')))?.metadata.ownerReferences ?? []).toEqual([])
})

test('a circle of owners one of which is held by somebody else goes when that one is let go', async () => {
  await using hub = await startHub()
  const members = [map('a'), map('b')]
  await createCircle(hub, members, { finalizers: ['example.com/hold'] })
  await remove(hub, map('a'), 'Foreground')
  await until('both are going', async () =>
    (await Promise.all(members.map((member) => read(hub, member)))).every((each) => each?.metadata.deletionTimestamp !== undefined),
  )
  for (const member of members) await patch(hub, member, { finalizers: null })
  await allGone(hub, members)
})

test('a circle of owners that was being deleted when the hub stopped goes after its start, and the hub serves', async () => {
  await using hub = await startTestHub()
  const members = [map('a'), map('b'), map('c')]
  await createCircle(hub, members)
  for (const member of members) await remove(hub, member, 'Foreground')
  hub.start(controllersOf(hub, { config }))
  await allGone(hub, members)
})

test('an owner waits for a chain of dependents in order, although each of them waits too', async () => {
  await using hub = await startHub()
  const a = await create(hub, map('a'))
  const b = await create(hub, map('b'), { ownerReferences: [ownerOf(a)] })
  await create(hub, map('c'), { ownerReferences: [ownerOf(b)], finalizers: ['example.com/hold'] })
  await settle()
  await remove(hub, map('a'), 'Foreground')
  await until('the last is going', async () => (await read(hub, map('c')))?.metadata.deletionTimestamp !== undefined)
  await settle()
  expect(await read(hub, map('a'))).toBeDefined()
  expect((await read(hub, map('b')))?.metadata.ownerReferences?.[0]?.blockOwnerDeletion).toBe(true)
  await patch(hub, map('c'), { finalizers: null })
  await allGone(hub, [map('a'), map('b'), map('c')])
})

const strangeOwners = async (hub: TestHub) =>
  (await hub.client.list(events)).items.filter(({ reason }) => reason === 'OwnerRefInvalidNamespace')

test('an object whose owner is in another namespace is deleted with the event OwnerRefInvalidNamespace', async () => {
  await using hub = await startHub()
  await hub.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'home' } })
  const owner = await create(hub, map('owner'), {}, 'home')
  await settle()
  await create(hub, map('child'), { ownerReferences: [ownerOf(owner)] })
  await allGone(hub, [map('child')])
  const [event] = await until('the event is there', async () => {
    const found = await strangeOwners(hub)
    return found.length > 0 && found
  })
  expect(event).toMatchObject({
    type: 'Warning',
    involvedObject: { kind: 'ConfigMap', name: 'child', namespace: 'default' },
    message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
  })
})

test('an object in no namespace whose owner is in one stays, with the event; one of an unknown kind stays without', async () => {
  await using hub = await startHub()
  const owner = await create(hub, map('owner'))
  await create(hub, { resource: namespaces, name: 'odd' }, { ownerReferences: [ownerOf(owner)] }, undefined)
  const unknown = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'x', uid: 'u' }
  await create(hub, map('strange'), { ownerReferences: [unknown] })
  await until('the event is there', async () => (await strangeOwners(hub)).length > 0)
  await settle()
  expect(await hub.client.get(namespaces, { name: 'odd' })).toBeDefined()
  expect(await read(hub, map('strange'))).toBeDefined()
  expect((await strangeOwners(hub)).map(({ involvedObject }) => involvedObject.name)).toEqual(['odd'])
})
