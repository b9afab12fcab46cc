import { expect, it } from 'vitest'
import { createTokenRoom } from '../../testing/token-room.ts'
import { createSigningKeys } from './signing.ts'

const type = 'kubernetes.io/service-account-token'

const setUp = async () => {
  const room = await createTokenRoom()
  const { server, robot, make, inDefault, json } = room
  const wanted = { namespace: 'default', name: 'robot', uid: robot.metadata.uid as string, secret: 'robot-token' }
  const token = server.legacyToken(wanted)
  const metadata = { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } }
  await make(`${inDefault}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData: { token } })
  const at = `${inDefault}/secrets/robot-token`
  const patch = (body: object) => json('PATCH', at, { body, contentType: 'application/merge-patch+json' })
  return { ...room, token, wanted, patch, at }
}

it('a token that stands in its Secret is its account, for the API alone', async () => {
  const { token, review, robot, time } = await setUp()
  time.now += 10 * 365 * 24 * 3_600_000
  const verdict = await review(token)
  expect(verdict).toMatchObject({
    authenticated: true,
    user: {
      username: 'system:serviceaccount:default:robot',
      uid: robot.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
  })
  expect(verdict.user.extra).toBeUndefined()
  expect((await review(token, ['vault'])).error).toContain('is invalid for the target audiences ["vault"]')
})

it('it is good no more when another stands there, its Secret or account is gone, or somebody says so', async () => {
  const { token, review, patch, json, at, accounts, server, wanted, make, robot } = await setUp()
  const invalid = 'kubernetes.io/legacy-token-invalid-since'
  await patch({ metadata: { labels: { [invalid]: '2026-11-28' } } })
  expect((await review(token)).error).toContain('has been marked invalid')
  await patch({ metadata: { labels: { [invalid]: null } } })
  expect(await review(token)).toMatchObject({ authenticated: true })
  await patch({ data: { token: Buffer.from('other').toString('base64') } })
  expect((await review(token)).error).toBe("service account token does not match server's copy")
  await patch({ data: { token: Buffer.from(token).toString('base64') } })
  await json('DELETE', `${accounts}/robot`)
  expect((await review(token)).error).toBe('serviceaccounts "robot" not found')
  const { metadata } = await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } })
  expect((await review(token)).error).toBe(`service account UID (${metadata.uid}) does not match claim (${robot.metadata.uid})`)
  await json('DELETE', at)
  expect((await review(token)).error).toBe('service account token has been invalidated')
  // Signed by the hub, but standing nowhere.
  expect((await review(server.legacyToken({ ...wanted, secret: 'none' }))).error).toBe('service account token has been invalidated')
})

it('one that says two things, or is signed by somebody else, is refused', async () => {
  const { token, review, privateKey } = await setUp()
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
  const ours = createSigningKeys([privateKey])
  expect((await review(ours.sign({ ...claims, sub: 'system:serviceaccount:kube-system:admin' }))).error).toBe('sub claim is invalid')
  expect((await review(ours.sign({ iss: 'kubernetes/serviceaccount' }))).error).toBe('sub claim is invalid')
  expect((await review(`${token.slice(0, -8)}AAAAAAAA`)).error).toContain('error in cryptographic primitive')
})
