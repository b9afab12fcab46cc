import { expect, it } from 'vitest'
import type { User } from '@bramble/shared/api/api-request.ts'
import { createTestApi, type Json } from '../testing/api.ts'

const jo: User = { name: 'jo', groups: ['system:authenticated'] }
const group = 'rbac.authorization.k8s.io'

/** Who somebody is, said by the API itself. `roles`: what jo may do. */
async function setUp(rules: readonly object[] = []) {
  const api = await createTestApi()
  const { json } = api
  const apiVersion = `${group}/v1`
  await json('POST', `/apis/${apiVersion}/clusterroles`, { body: { apiVersion, kind: 'ClusterRole', metadata: { name: 'jo' }, rules } })
  const subjects = [{ apiGroup: group, kind: 'User', name: 'jo' }]
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'jo' }
  const body = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'jo' }, roleRef, subjects }
  await json('POST', `/apis/${apiVersion}/clusterrolebindings`, { body })
  const whoAmI = async (headers: Readonly<Record<string, string>>, user?: User): Promise<Json> => {
    const answer = await json('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {}, headers, ...(user && { user }) })
    return answer.code === 201 ? answer.body.status.userInfo : answer.body
  }
  return { ...api, whoAmI }
}
const may = (resources: string, resourceNames?: readonly string[], apiGroups = '') => ({
  ...{ verbs: ['impersonate'], apiGroups: [apiGroups], resources: [resources] },
  ...(resourceNames !== undefined && { resourceNames }),
})

it.each<[string, Readonly<Record<string, string>>, Json]>([
  ['a user', { user: 'anne' }, { username: 'anne', groups: ['system:authenticated'] }],
  ['a user with groups', { user: 'anne', group: 'a\nb, c' }, { username: 'anne', groups: ['a', 'b, c', 'system:authenticated'] }],
  [
    'one who says that he is nobody',
    { user: 'anne', group: 'system:unauthenticated' },
    { username: 'anne', groups: ['system:unauthenticated'] },
  ],
  [
    'one who says that he is somebody',
    { user: 'anne', group: 'system:authenticated' },
    { username: 'anne', groups: ['system:authenticated'] },
  ],
  [
    'one with all there is',
    { user: 'anne', uid: 'u', 'extra-scopes': 'view\nedit', 'extra-example.com%2fkey': '1', 'extra-%zz': 'odd' },
    {
      username: 'anne',
      uid: 'u',
      extra: { scopes: ['view', 'edit'], 'example.com/key': ['1'], '%zz': ['odd'] },
      groups: ['system:authenticated'],
    },
  ],
  [
    'an account',
    { user: 'system:serviceaccount:default:robot' },
    {
      username: 'system:serviceaccount:default:robot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
  ],
  ['an account with groups', { user: 'system:serviceaccount:default:robot', group: 'a' }, { groups: ['a', 'system:authenticated'] }],
  ['nobody', { user: 'system:anonymous' }, { username: 'system:anonymous', groups: ['system:unauthenticated'] }],
  ['nobody with a group', { user: 'system:anonymous', group: 'a' }, { groups: ['a', 'system:unauthenticated'] }],
  ['a name in UTF-8, as Go sends it', { user: Buffer.from('jörg').toString('latin1') }, { username: 'jörg' }],
  ['himself, with an empty header', { user: '' }, { username: 'bramble:admin' }],
])('who may is taken for %s', async (_title, said, expected) => {
  const { whoAmI, json } = await setUp()
  // That anybody may ask who he is is a role's matter.
  const apiVersion = `${group}/v1`
  const subjects = ['system:unauthenticated', 'a'].map((name) => ({ apiGroup: group, kind: 'Group', name }))
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name: 'system:basic-user' }
  await json('POST', `/apis/${apiVersion}/clusterrolebindings`, {
    body: { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'who' }, roleRef, subjects },
  })
  const headers = Object.fromEntries(Object.entries(said).map(([name, value]) => [`impersonate-${name}`, value]))
  expect(await whoAmI(headers)).toMatchObject(expected)
})

it.each([
  [{ 'impersonate-group': 'a' }, 'requested [{Group  a    }] without impersonating a user'],
  [{ 'impersonate-uid': 'u' }, 'requested [{UID  u  authentication.k8s.io/v1  }] without impersonating a user'],
  [
    { 'impersonate-group': 'a\nb', 'impersonate-extra-k': 'v' },
    'requested [{Group  a    } {Group  b    } {UserExtra  v  authentication.k8s.io/v1  k}] without impersonating a user',
  ],
])('a part without a user is 400', async (headers, message) => {
  const { whoAmI } = await setUp()
  expect(await whoAmI(headers)).toMatchObject({ code: 400, reason: 'BadRequest', message })
})

it('each part is asked for, in the words of Kubernetes', async () => {
  const { whoAmI } = await setUp([
    may('users', ['anne']),
    may('groups', ['a']),
    may('serviceaccounts'),
    may('uids', ['u'], 'authentication.k8s.io'),
    may('userextras/scopes', ['view'], 'authentication.k8s.io'),
  ])
  const as = (headers: Readonly<Record<string, string>>) => whoAmI(headers, jo)
  expect(
    await as({ 'impersonate-user': 'anne', 'impersonate-group': 'a', 'impersonate-uid': 'u', 'impersonate-extra-scopes': 'view' }),
  ).toMatchObject({
    username: 'anne',
  })
  expect(await as({ 'impersonate-user': 'system:serviceaccount:default:robot' })).toMatchObject({
    username: 'system:serviceaccount:default:robot',
  })
  expect(await as({ 'impersonate-user': 'root' })).toMatchObject({
    ...{ code: 403, reason: 'Forbidden' },
    message: 'users "root" is forbidden: User "jo" cannot impersonate resource "users" in API group "" at the cluster scope',
    details: { name: 'root', kind: 'users' },
  })
  expect((await as({ 'impersonate-user': 'anne', 'impersonate-group': 'a\nsystem:masters' })).message).toBe(
    'groups "system:masters" is forbidden: User "jo" cannot impersonate resource "groups" in API group "" at the cluster scope',
  )
  expect((await as({ 'impersonate-user': 'anne', 'impersonate-uid': 'x' })).message).toBe(
    'uids.authentication.k8s.io "x" is forbidden: User "jo" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
  )
  expect((await as({ 'impersonate-user': 'anne', 'impersonate-extra-scopes': 'view\nedit' })).message).toBe(
    'userextras.authentication.k8s.io "edit" is forbidden: User "jo" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope',
  )
  // What only looks like an account is a user.
  for (const name of [
    'system:serviceaccount:default',
    'system:serviceaccount:default:a:b',
    'system:serviceaccount:Default:a',
    'system:serviceaccount::a',
  ])
    expect((await as({ 'impersonate-user': name })).message).toContain('impersonate resource "users"')
})

it('he has the rights of whom he is taken for, and no others', async () => {
  const { whoAmI, json } = await setUp([may('users')])
  expect((await json('GET', '/api/v1/secrets', { headers: { 'impersonate-user': 'anne' } })).body.message).toBe(
    'secrets is forbidden: User "anne" cannot list resource "secrets" in API group "" at the cluster scope',
  )
  // Who is taken for an administrator by name is none, without the group.
  expect((await json('GET', '/api/v1/secrets', { user: jo, headers: { 'impersonate-user': 'bramble:admin' } })).code).toBe(403)
  expect(await whoAmI({ 'impersonate-user': 'system:kube-scheduler' }, jo)).toMatchObject({ username: 'system:kube-scheduler' })
})
