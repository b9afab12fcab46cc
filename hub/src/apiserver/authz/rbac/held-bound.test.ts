import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { createRegistry } from '../../objects/registry.ts'
import { userOf } from '../../reviews/subject.ts'
import { heapAfterCollection } from '../../../testing/heap.ts'
import { createTestApi } from '../../testing/api.ts'
import { createRoleIndex } from './role-index.ts'

const group = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const apiGroup = 'rbac.authorization.k8s.io'

it('what many subjects have of many rules is not kept for all of them', async () => {
  const { json, store } = await createTestApi()
  const rules = Array.from({ length: 1400 }, () => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }))
  await json('POST', `${group}/roles`, { body: { metadata: { name: 'long' }, rules } })
  const subjects = Array.from({ length: 200 }, (_, i) => ({ kind: 'Group', apiGroup, name: `g${i}` }))
  const roleRef = { apiGroup, kind: 'Role', name: 'long' }
  await json('POST', `${group}/rolebindings`, { body: { metadata: { name: 'long' }, subjects, roleRef } })
  const index = createRoleIndex({ registry: createRegistry({ store }), log: silentLog })
  const heldBy = (name: string) => [...index.grantsOf({ name: 'jo', groups: [name] }, 'default')][0]
  const first = heldBy('g0')
  expect(first?.granted).toHaveLength(1400)
  expect(heldBy('g0')).toBe(first)
  for (const { name } of subjects) heldBy(name)
  expect(heldBy('g0')).not.toBe(first)
  expect(heldBy('g0')?.granted).toHaveLength(1400)
  index.close()
})

it('who has more rules than are put together has the same rights, also when they change, and each role is asked about once', async () => {
  const { json } = await createTestApi()
  const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })
  const rules = Array.from({ length: 1600 }, () => rule('configmaps'))
  const write = (verb: 'POST' | 'PUT', all: object[]) =>
    json(verb, verb === 'POST' ? `${group}/roles` : `${group}/roles/long`, { body: { metadata: { name: 'long' }, rules: all } })
  await write('POST', rules)
  const groups = Array.from({ length: 1000 }, (_, i) => `g${i}`)
  const roleRef = { apiGroup, kind: 'Role', name: 'long' }
  const subjects = groups.map((name) => ({ kind: 'Group', apiGroup, name }))
  await json('POST', `${group}/rolebindings`, { body: { metadata: { name: 'b' }, subjects, roleRef } })
  const ask = async (resource: string, all = groups) => {
    const spec = { user: 'jo', groups: all, resourceAttributes: { namespace: 'default', verb: 'get', resource, version: 'v1' } }
    return json('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } })
  }
  expect((await ask('configmaps')).body.status).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "b/default" of Role "long" to Group "g0"',
  })
  expect((await ask('pods')).body.status.allowed).toBe(false)
  await write('PUT', [...rules, rule('pods')])
  expect((await ask('pods')).body.status.allowed).toBe(true)
  await write('PUT', rules)
  expect((await ask('pods', ['g7'])).body.status.allowed).toBe(false)
  const { code, body } = await ask('pods', [...groups, 'one more'])
  expect([code, body.details.causes[0].field]).toEqual([422, 'spec.groups'])
})

it('a group that a review names again and again is asked about once', () => {
  expect(userOf({ user: 'jo', groups: ['a', 'b', 'a'] }).groups).toEqual(['a', 'b'])
})

it('of what many groups have no more is put together for one question than a hub has time for, and less kept than it has memory for', async () => {
  const { json, store } = await createTestApi()
  const resourceNames = Array.from({ length: 15_000 }, (_, i) => `name-${i}`)
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames }]
  await json('POST', `${group}/roles`, { body: { metadata: { name: 'long' }, rules } })
  const groups = Array.from({ length: 1000 }, (_, i) => `g${i}`)
  const subjects = groups.map((name) => ({ kind: 'Group', apiGroup, name }))
  const roleRef = { apiGroup, kind: 'Role', name: 'long' }
  await json('POST', `${group}/rolebindings`, { body: { metadata: { name: 'long' }, subjects, roleRef } })
  const index = createRoleIndex({ registry: createRegistry({ store }), log: silentLog })
  const info = { type: 'resource', verb: 'get', group: '', version: 'v1', resource: 'configmaps', namespace: 'default' } as const
  const ask = (name: string) =>
    [...index.grantsOf({ name: 'jo', groups }, 'default')].filter(({ grants }) => grants.find({ ...info, name }))
  const before = heapAfterCollection()
  for (const name of ['name-0', 'name-14999']) expect(ask(name)).toHaveLength(1000)
  expect(ask('name-15000')).toEqual([])
  expect(heapAfterCollection() - before).toBeLessThan(32 * 1024 * 1024)
  index.close()
})

it.each([
  [{ kind: 'User', apiGroup, name: 'system:serviceaccount:default:app' }, 'User "system:serviceaccount:default:app"'],
  [{ kind: 'ServiceAccount', name: 'app' }, 'ServiceAccount "app/default"'],
  [{ kind: 'ServiceAccount', name: 'app', namespace: 'default' }, 'ServiceAccount "app/default"'],
  [{ kind: 'Group', apiGroup, name: 'system:serviceaccounts:default' }, 'Group "system:serviceaccounts:default"'],
])('who is allowed something is told as whom a binding names him: %o', async (subject, whom) => {
  const { json } = await createTestApi()
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }]
  await json('POST', `${group}/roles`, { body: { metadata: { name: 'r' }, rules } })
  await json('POST', `${group}/rolebindings`, {
    body: { metadata: { name: 'b' }, subjects: [subject], roleRef: { apiGroup, kind: 'Role', name: 'r' } },
  })
  const spec = {
    ...{ user: 'system:serviceaccount:default:app', groups: ['system:serviceaccounts:default'] },
    resourceAttributes: { namespace: 'default', verb: 'get', resource: 'configmaps', version: 'v1' },
  }
  const { body } = await json('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } })
  expect(body.status.reason).toBe(`RBAC: allowed by RoleBinding "b/default" of Role "r" to ${whom}`)
})
