import type { User } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

const group = '/apis/rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const jo: User = { name: 'jo', groups: ['devs', 'system:authenticated'] }
type Rule = Readonly<Record<string, readonly string[]>>
const rule = (verbs: string, resources: string, more: Rule = {}): Rule => ({
  ...{ verbs: verbs.split(' '), apiGroups: [''], resources: resources.split(' ') },
  ...more,
})
/** Whoever writes roles and bindings, and has no other rights by that. */
const mayWrite: Rule = {
  verbs: ['get', 'create', 'update', 'patch', 'delete'],
  apiGroups: [apiGroup],
  resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
}
const rolesOfDefault = `${group}/namespaces/default/roles`
const bindingsOfDefault = `${group}/namespaces/default/rolebindings`
const toBo = [{ kind: 'User', name: 'bo', apiGroup }]
const ref = (kind: string, name: string) => ({ apiGroup, kind, name })

async function joHas(...rules: readonly Rule[]) {
  const api = await createTestApi()
  const made = async (path: string, body: object) => expect((await api.json('POST', `${group}${path}`, { body })).code).toBe(201)
  await made('/clusterroles', { metadata: { name: 'jos' }, rules: [mayWrite, ...rules] })
  await made('/clusterrolebindings', {
    metadata: { name: 'jos' },
    subjects: [{ kind: 'User', name: 'jo' }],
    roleRef: ref('ClusterRole', 'jos'),
  })
  const asJo = async (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object, contentType?: string) => {
    const answer = await api.json(method, path, { user: jo, body, ...(contentType !== undefined && { contentType }) })
    return [answer.code, answer.body.message]
  }
  return { ...api, made, asJo }
}

describe('nobody gives away what he does not have himself', () => {
  const who = 'user "jo" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
  it('by a role, which is told as Kubernetes tells it', async () => {
    const { asJo } = await joHas(rule('get', 'pods'))
    const given = [rule('get list delete', 'pods'), rule('get', 'secrets', { resourceNames: ['b', 'a'] })]
    expect(await asJo('POST', rolesOfDefault, { metadata: { name: 'r' }, rules: given })).toEqual([
      403,
      `roles.rbac.authorization.k8s.io "r" is forbidden: ${who}{APIGroups:[""], Resources:["pods"], Verbs:["list" "delete"]}\n{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}\n{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}`,
    ])
    expect(await asJo('POST', rolesOfDefault, { metadata: { name: 'r' }, rules: [rule('get', 'pods')] })).toEqual([201, undefined])
    expect(
      await asJo('POST', `${group}/clusterroles`, { metadata: { name: 'r' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] }),
    ).toEqual([403, `clusterroles.rbac.authorization.k8s.io "r" is forbidden: ${who}{NonResourceURLs:["/metrics"], Verbs:["get"]}`])
  })

  const pods = { metadata: { name: 'r' }, rules: [rule('get', 'pods')] }
  const more = [rule('get', 'pods secrets')]
  it.each([
    ['a PUT', 'PUT', '/r', { metadata: { name: 'r' }, rules: more }, undefined],
    ['a merge patch', 'PATCH', '/r', { rules: more }, 'application/merge-patch+json'],
    ['a JSON patch', 'PATCH', '/r', [{ op: 'add', path: '/rules/0/resources/-', value: 'secrets' }], 'application/json-patch+json'],
    [
      'an apply',
      'PATCH',
      '/r?fieldManager=jo&force=true',
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', ...pods, rules: more },
      'application/apply-patch+yaml',
    ],
    ['a PUT that makes it', 'PUT', '/new', { metadata: { name: 'new' }, rules: more }, undefined],
  ] as const)('by %s', async (_, method, path, body, contentType) => {
    const { asJo } = await joHas(rule('get', 'pods'))
    expect(await asJo('POST', rolesOfDefault, pods)).toEqual([201, undefined])
    const [code, message] = await asJo(method, `${rolesOfDefault}${path}`, body, contentType)
    expect([code, message]).toEqual([403, expect.stringContaining('{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')])
  })

  it('by a binding, unless he may bind that role', async () => {
    const { asJo, made } = await joHas(rule('get', 'pods'), {
      ...{ verbs: ['bind'], apiGroups: [apiGroup], resources: ['clusterroles'], resourceNames: ['bindable'] },
    })
    for (const name of ['secret', 'bindable']) await made('/clusterroles', { metadata: { name }, rules: [rule('get', 'secrets')] })
    const bind = (path: string, name: string, kind = 'ClusterRole') =>
      asJo('POST', path, { metadata: { name: 'b' }, subjects: toBo, roleRef: ref(kind, name) })
    for (const path of [bindingsOfDefault, `${group}/clusterrolebindings`]) {
      expect((await bind(path, 'secret'))[1]).toContain('{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')
      expect(await bind(path, 'none')).toEqual([404, 'clusterroles.rbac.authorization.k8s.io "none" not found'])
      expect(await bind(path, 'bindable')).toEqual([201, undefined])
    }
    expect(await bind(bindingsOfDefault, 'none', 'Role')).toEqual([404, 'roles.rbac.authorization.k8s.io "none" not found'])
  })

  it('by giving a binding to somebody else', async () => {
    const { asJo, made } = await joHas(rule('get', 'pods'))
    await made('/clusterrolebindings', { metadata: { name: 'b' }, subjects: toBo, roleRef: ref('ClusterRole', 'cluster-admin') })
    const subjects = [{ kind: 'User', name: 'jo', apiGroup }]
    expect((await asJo('PATCH', `${group}/clusterrolebindings/b`, { subjects }, 'application/merge-patch+json'))[0]).toBe(403)
  })

  it('by gathering: that takes all rights', async () => {
    const { asJo } = await joHas(rule('get', 'pods'))
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    expect(await asJo('POST', `${group}/clusterroles`, { metadata: { name: 'r' }, aggregationRule })).toEqual([
      403,
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ])
    const rich = await joHas({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] })
    expect(await rich.asJo('POST', `${group}/clusterroles`, { metadata: { name: 'r' }, aggregationRule })).toEqual([201, undefined])
  })

  it('what he has in a namespace he gives away in that namespace alone', async () => {
    const { asJo, made } = await joHas()
    const subjects = [{ kind: 'User', name: 'jo' }]
    await made('/clusterroles', { metadata: { name: 'secret' }, rules: [rule('get', 'secrets')] })
    await made('/namespaces/default/rolebindings', { metadata: { name: 'jos' }, subjects, roleRef: ref('ClusterRole', 'secret') })
    const body = { metadata: { name: 'b' }, subjects: toBo, roleRef: ref('ClusterRole', 'secret') }
    expect((await asJo('POST', bindingsOfDefault, body))[0]).toBe(201)
    expect((await asJo('POST', `${group}/namespaces/kube-system/rolebindings`, body))[0]).toBe(403)
    expect((await asJo('POST', `${group}/clusterrolebindings`, body))[0]).toBe(403)
  })

  it('unless he may escalate', async () => {
    const { asJo } = await joHas({ verbs: ['escalate'], apiGroups: [apiGroup], resources: ['clusterroles'] })
    const body = { metadata: { name: 'r' }, rules: [rule('*', '*')] }
    expect((await asJo('POST', `${group}/clusterroles`, body))[0]).toBe(201)
    expect((await asJo('POST', rolesOfDefault, body))[0]).toBe(403)
  })

  it('letting go of an owner or a finalizer gives nothing away', async () => {
    const { asJo, made } = await joHas()
    await made('/clusterroles', { metadata: { name: 'r', finalizers: ['a.b/c'] }, rules: [rule('*', '*')] })
    const merge = 'application/merge-patch+json'
    expect((await asJo('PATCH', `${group}/clusterroles/r`, { metadata: { finalizers: [] } }, merge))[0]).toBe(200)
    expect((await asJo('PATCH', `${group}/clusterroles/r`, { metadata: { labels: { a: 'b' } } }, merge))[0]).toBe(403)
    expect((await asJo('DELETE', `${group}/clusterroles/r`, {}))[0]).toBe(200)
  })

  it('also not by a role whose bound one is missing, of which it is told', async () => {
    const { asJo, made, json } = await joHas()
    await made('/clusterrolebindings', {
      metadata: { name: 'gone' },
      subjects: [{ kind: 'Group', name: 'devs' }],
      roleRef: ref('ClusterRole', 'jos'),
    })
    await made('/clusterroles', { metadata: { name: 'missing' }, rules: [] })
    await made('/clusterrolebindings', {
      metadata: { name: 'm' },
      subjects: [{ kind: 'User', name: 'jo' }],
      roleRef: ref('ClusterRole', 'missing'),
    })
    await json('DELETE', `${group}/clusterroles/missing`)
    const [, message] = await asJo('POST', rolesOfDefault, { metadata: { name: 'r' }, rules: [rule('get', 'pods')] })
    expect(message).toContain('; resolution errors: [clusterroles.rbac.authorization.k8s.io "missing" not found]')
  })
})
