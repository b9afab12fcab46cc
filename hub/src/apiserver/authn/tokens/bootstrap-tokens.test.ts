import { expect, it } from 'vitest'
import { createTokenRoom, hourMs } from '../../testing/token-room.ts'

const good = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' }

const setUp = async (
  stringData: Readonly<Record<string, string>>,
  { type = 'bootstrap.kubernetes.io/token', name = 'bootstrap-token-abcdef' } = {},
) => {
  const room = await createTokenRoom()
  await room.make('/api/v1/namespaces/kube-system/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, stringData })
  return { ...room, ofToken: (token = 'abcdef.0123456789abcdef') => room.review(token) }
}

it('a bootstrap token of Kubernetes is a user with the groups that its Secret says, until its time is over', async () => {
  const expiration = '2026-11-28T01:00:00Z'
  const { ofToken, time, review } = await setUp({
    ...good,
    expiration,
    'auth-extra-groups': 'system:bootstrappers:b,system:bootstrappers:a',
  })
  expect(await ofToken()).toMatchObject({
    authenticated: true,
    user: {
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b', 'system:authenticated'],
    },
  })
  expect(await review('abcdef.0123456789abcdef', ['vault'])).toMatchObject({ user: {}, error: expect.any(String) as string })
  time.now += hourMs
  expect(await ofToken()).toEqual({ user: {}, error: 'invalid bearer token' })
})

it('it ends with its Secret', async () => {
  const { ofToken, json } = await setUp(good)
  expect(await ofToken()).toMatchObject({ authenticated: true, user: { groups: ['system:bootstrappers', 'system:authenticated'] } })
  await json('DELETE', '/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef')
  expect(await ofToken()).toEqual({ user: {}, error: 'invalid bearer token' })
})

it.each<[string, Readonly<Record<string, string>>, Parameters<typeof setUp>[1]?]>([
  ['another secret', { ...good, 'token-secret': '0123456789abcdee' }],
  ['no secret', { 'token-id': 'abcdef', 'usage-bootstrap-authentication': 'true' }],
  ['another id', { ...good, 'token-id': 'abcdeg' }],
  ['no use for authentication', { ...good, 'usage-bootstrap-authentication': 'false' }],
  ['no use at all', { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef' }],
  ['a time that nobody can read', { ...good, expiration: 'soon' }],
  ['groups of others', { ...good, 'auth-extra-groups': 'system:bootstrappers:a,system:masters' }],
  ['another type', good, { type: 'Opaque' }],
  ['another name', good, { name: 'bootstrap-token-abcdeg' }],
  // SHA-256 of the secret: what joining keeps.
  [
    'a hash alone',
    {
      'token-id': 'abcdef',
      'token-hash': '9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f',
      'usage-bootstrap-authentication': 'true',
    },
  ],
])('a Secret with %s makes nobody a user', async (_title, data, how) => {
  const { ofToken } = await setUp(data, how)
  expect(await ofToken()).toEqual({ user: {}, error: 'invalid bearer token' })
})
