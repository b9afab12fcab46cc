import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import { createRegistry } from '../../objects/registry.ts'
import { userOf } from '../../reviews/subject.ts'
import { createTestApi } from '../../testing/api.ts'
import { createRoleIndex } from './role-index.ts'

const group = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const apiGroup = 'rbac.authorization.k8s.io'

it('what many subjects have of many rules is not kept for all of them', async () => {
  const { json, store } = await createTestApi()
  const rules = Array.from({ length: 3500 }, () => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }))
  await json('POST', `${group}/roles`, { body: { metadata: { name: 'long' }, rules } })
  const subjects = Array.from({ length: 60 }, (_, i) => ({ kind: 'Group', apiGroup, name: `g${i}` }))
  const roleRef = { apiGroup, kind: 'Role', name: 'long' }
  await json('POST', `${group}/rolebindings`, { body: { metadata: { name: 'long' }, subjects, roleRef } })
  const index = createRoleIndex({ registry: createRegistry({ store }), log: silentLog })
  const heldBy = (name: string) => [...index.grantsOf({ name: 'jo', groups: [name] }, 'default')][0]
  const first = heldBy('g0')
  expect(first?.granted).toHaveLength(3500)
  expect(heldBy('g0')).toBe(first)
  for (const { name } of subjects) heldBy(name)
  expect(heldBy('g0')).not.toBe(first)
  expect(heldBy('g0')?.granted).toHaveLength(3500)
  index.close()
})

it('a group that a review names again and again is asked about once', () => {
  expect(userOf({ user: 'jo', groups: ['a', 'b', 'a'] }).groups).toEqual(['a', 'b'])
})
