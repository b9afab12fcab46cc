import type { User } from '@bramble/shared/api/api-request.ts'
import { expect, it } from 'vitest'
import { configMap, createTestApi } from '../testing/api.ts'

const group = '/apis/rbac.authorization.k8s.io/v1'
const maps = '/api/v1/namespaces/default/configmaps'
const jo: User = { name: 'jo', groups: ['system:authenticated'] }

async function joMay(verbs: readonly string[], ...more: readonly object[]) {
  const api = await createTestApi()
  const rules = [{ verbs, apiGroups: [''], resources: ['configmaps'] }, ...more]
  await api.json('POST', `${group}/clusterroles`, { body: { metadata: { name: 'jos' }, rules } })
  await api.bind('jos', { kind: 'User', name: 'jo' })
  const { uid } = (await api.json('POST', maps, { body: configMap('owner') })).body.metadata
  const owner = (blockOwnerDeletion?: boolean) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid },
    ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
  })
  const make = async (name: string, ownerReferences: readonly object[] = []) => {
    const { code, body } = await api.json('POST', maps, { user: jo, body: configMap(name, {}, { ownerReferences }) })
    return [code, body.message]
  }
  const own = async (name: string, ownerReferences: readonly object[]) => {
    const { code, body } = await api.json('PATCH', `${maps}/${name}`, {
      user: jo,
      body: { metadata: { ownerReferences } },
      contentType: 'application/merge-patch+json',
    })
    return [code, body.message]
  }
  return { ...api, owner, make, own }
}

it('who makes an object gives it its owners; who changes one must have the right to delete it', async () => {
  const { make, own, owner } = await joMay(['create', 'patch'])
  expect(await make('a', [owner()])).toEqual([201, undefined])
  expect(await make('b')).toEqual([201, undefined])
  const refused = `configmaps "b" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`
  expect(await own('b', [owner()])).toEqual([403, refused])
  expect(await own('a', [])).toEqual([403, refused.replace('"b"', '"a"')])
  const may = await joMay(['create', 'patch', 'delete'])
  expect(await may.make('b')).toEqual([201, undefined])
  expect(await may.own('b', [may.owner()])).toEqual([200, undefined])
})

it('who holds up the deletion of an owner must have the right to set its finalizers', async () => {
  const { make, own, owner } = await joMay(['create', 'patch', 'delete'])
  const refused = (name: string) =>
    `configmaps "${name}" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`
  expect(await make('a', [owner(true)])).toEqual([403, refused('a')])
  expect(await make('a', [owner(false)])).toEqual([201, undefined])
  expect(await own('a', [owner(true)])).toEqual([403, refused('a')])
  const finalizers = { verbs: ['update'], apiGroups: [''], resources: ['configmaps/finalizers'], resourceNames: ['owner'] }
  const may = await joMay(['create', 'patch', 'delete'], finalizers)
  expect(await may.make('a', [may.owner(true)])).toEqual([201, undefined])
})

it('an owner of a kind that nobody serves is not held up', async () => {
  const { make } = await joMay(['create'])
  const owner = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'a', uid: 'u', blockOwnerDeletion: true }
  expect(await make('a', [owner])).toEqual([
    403,
    'configmaps "a" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion example.com/v1 Kind Thing: no matches for kind "Thing" in version "example.com/v1"',
  ])
  expect(await make('a', [{ ...owner, blockOwnerDeletion: false }])).toEqual([201, undefined])
})
