import { describe, expect, it } from 'vitest'
import { createTestApi } from '../../testing/api.ts'
import { missingFrom } from './covers.ts'
import { apart, sizeOfMerged } from './held.ts'

const group = '/apis/rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const user = { name: 'jo', groups: ['system:authenticated'] }
const many = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** A short text, and more pairs than a hub has memory for. */
const wide = { verbs: ['get'], apiGroups: many(5000, 'g'), resources: many(5000, 'r') }

async function withTenant() {
  const api = await createTestApi()
  const owner = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }
  await api.json('POST', `${group}/namespaces/default/roles`, { body: { metadata: { name: 'own' }, rules: [owner] } })
  await api.json('POST', `${group}/namespaces/default/rolebindings`, {
    body: {
      metadata: { name: 'own' },
      subjects: [{ kind: 'User', apiGroup, name: 'jo' }],
      roleRef: { apiGroup, kind: 'Role', name: 'own' },
    },
  })
  return api
}

describe('a rule of a few names that make millions of pairs', () => {
  it('is refused where it would have to be compared pair by pair, and given away where it need not', async () => {
    const { json } = await withTenant()
    const escalating = { metadata: { name: 'wide' }, rules: [wide] }
    const { code, body } = await json('POST', `${group}/namespaces/default/roles`, { user, body: escalating })
    expect(code).toBe(201) // jo may do everything there, to escalate among it
    const lesser = { verbs: ['create', 'update', 'get'], apiGroups: [apiGroup], resources: ['roles', 'rolebindings'] }
    await json('PUT', `${group}/namespaces/default/roles/own`, { body: { metadata: { name: 'own' }, rules: [lesser] } })
    const refused = await json('POST', `${group}/namespaces/default/roles`, { user, body: { ...escalating, metadata: { name: 'w2' } } })
    expect(refused.code).toBe(403)
    expect(refused.body.message).toContain('give them away in several roles')
    expect(body.rules[0].apiGroups).toHaveLength(5000)
  })

  it('is looked through as it is, and says the same, and leaves the other rules of whoever has it as they are', () => {
    const binding = { name: 'b', namespace: 'default', roleRef: { apiGroup, kind: 'Role', name: 'r' } }
    const subject = { scope: 'default', kind: 'User', name: 'jo' } as const
    const named = { verbs: ['*'], apiGroups: ['*'], resources: ['*/log'], resourceNames: ['a'] }
    const parts = Array.from({ length: 1000 }, () => ({ binding, subject, rules: [wide, named] }))
    expect(sizeOfMerged(parts)).toBeGreaterThan(1000 * 5000 * 5000)
    const { grants } = apart(parts, { request: undefined, rules: new Set() })
    const asked = { type: 'resource', verb: 'get', group: 'g4999', version: 'v1', resource: 'r4999' } as const
    expect(grants.find(asked)?.by).toBe('RoleBinding "b/default" of Role "r" to User "jo"')
    expect(grants.find({ ...asked, group: 'g5000' })).toBeUndefined()
    expect(grants.find({ ...asked, verb: 'list' })).toBeUndefined()
    expect(grants.find({ ...asked, subresource: 'status' })).toBeUndefined()
    const log = { ...asked, group: '', resource: 'pods', subresource: 'log' } as const
    expect(grants.find({ ...log, name: 'a' })?.rule).toBe(named)
    expect(grants.find({ ...log, name: 'b' })).toBeUndefined()
  })
})

it('what is said twice is compared once', () => {
  const doubled = {
    verbs: Array.from({ length: 3000 }, () => 'get'),
    apiGroups: [''],
    resources: Array.from({ length: 3000 }, () => 'pods'),
  }
  expect(missingFrom([], [doubled])).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
})
