import { createPublicKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { pod } from '../../testing/api.ts'
import { createTokenRoom, partsOf } from '../../testing/token-room.ts'
import { defaultIssuer } from '../authentication.ts'

it('a token says whose it is, for whom and until when, as in Kubernetes', async () => {
  const { request, robot, time, json } = await createTokenRoom()
  const { code, body } = await request()
  expect(code).toBe(201)
  expect(body).toMatchObject({
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: 'robot', namespace: 'default', uid: robot.metadata.uid, creationTimestamp: '2026-11-28T00:00:00Z' },
    spec: { audiences: [defaultIssuer], expirationSeconds: 3600 },
    status: { expirationTimestamp: '2026-11-28T01:00:00Z' },
  })
  const [head, claims] = partsOf(body.status.token)
  const keys = (await json('GET', '/openid/v1/jwks')).body.keys
  expect(head).toEqual({ alg: 'ES256', kid: keys[0].kid })
  const now = time.now / 1000
  expect(claims).toEqual({
    ...{ aud: [defaultIssuer], exp: now + 3600, iat: now, nbf: now, iss: defaultIssuer, jti: expect.any(String) as string },
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: robot.metadata.uid } },
    sub: 'system:serviceaccount:default:robot',
  })
})

it('one bound to a pod says which, and on which node', async () => {
  const { make, request, inDefault, tokenOf, review } = await createTokenRoom()
  const node = await make('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' } })
  const made = await make(`${inDefault}/pods`, pod('p', { serviceAccountName: 'robot', nodeName: 'pi-1' }))
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: made.metadata.uid }
  const token = await tokenOf({ boundObjectRef })
  expect(partsOf(token)[1]['kubernetes.io']).toMatchObject({
    pod: { name: 'p', uid: made.metadata.uid },
    node: { name: 'pi-1', uid: node.metadata.uid },
  })
  expect((await review(token)).user.extra).toEqual({
    'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/) as string],
    'authentication.kubernetes.io/node-name': ['pi-1'],
    'authentication.kubernetes.io/node-uid': [node.metadata.uid],
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/pod-uid': [made.metadata.uid],
  })
  // What every pod mounts lasts for a year, because programs read it once; its node fetches another after an hour all the same.
  const lasting = (await request({ boundObjectRef, expirationSeconds: 3607 })).body
  expect(lasting.status.expirationTimestamp).toBe('2026-11-28T01:00:07Z')
  const { exp, iat, 'kubernetes.io': about } = partsOf(lasting.status.token)[1]
  expect([exp - iat, about.warnafter - iat]).toEqual([365 * 24 * 3600, 3607])
  const forOthers = partsOf(await tokenOf({ boundObjectRef, expirationSeconds: 3607, audiences: ['vault'] }))[1]
  expect(forOthers.exp - forOthers.iat).toBe(3607)
})

it.each([
  [
    'too short',
    { expirationSeconds: 599 },
    422,
    'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ],
  [
    'too long',
    { expirationSeconds: 2 ** 32 + 1 },
    422,
    'spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  ['bound to a pod that is not there', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'gone' } }, 404, 'pods "gone" not found'],
  ['bound to a Secret that is not there', { boundObjectRef: { kind: 'Secret', name: 'gone' } }, 404, 'secrets "gone" not found'],
  ['bound to a node that is not there', { boundObjectRef: { kind: 'Node', name: 'gone' } }, 404, 'nodes "gone" not found'],
  [
    'bound to a pod of somebody else',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } },
    400,
    'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
  ],
  [
    'bound to a pod that was made anew',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'own', uid: 'before' } },
    409,
    'Operation cannot be fulfilled on Pod "own": the UID in the bound object reference (before) does not match the UID in record. The object might have been deleted and then recreated',
  ],
  [
    'bound to what nothing can be bound to',
    { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
    400,
    'cannot bind token to object of type /v1, Kind=ConfigMap',
  ],
  [
    'bound to a kind of that name in another group',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'example.com/v1', name: 'own' } },
    400,
    'cannot bind token to object of type example.com/v1, Kind=Pod',
  ],
])('none is given that would be %s', async (_title, spec, status, message) => {
  const { make, request, inDefault, accounts } = await createTokenRoom()
  await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'another' } })
  await make(`${inDefault}/pods`, pod('own', { serviceAccountName: 'robot' }))
  await make(`${inDefault}/pods`, pod('other', { serviceAccountName: 'another' }))
  const { code, body } = await request(spec)
  expect([code, body.message]).toEqual([status, expect.stringContaining(message)])
})

it('one is given to the account in the path alone, and to that very one', async () => {
  const { request } = await createTokenRoom()
  expect((await request({}, {}, 'nobody')).body).toMatchObject({ code: 404, message: 'serviceaccounts "nobody" not found' })
  expect((await request({}, { name: 'another' })).body).toMatchObject({
    code: 422,
    message:
      'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "another": must match the service account name if specified',
  })
  expect((await request({}, { namespace: 'kube-system' })).body).toMatchObject({ code: 422 })
  expect((await request({}, { uid: 'before' })).body).toMatchObject({
    code: 409,
    message: expect.stringMatching(
      /^Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token/,
    ) as string,
  })
})

it('others learn from the API by which key tokens are signed', async () => {
  const { json, privateKey } = await createTokenRoom()
  const { body, headers } = await json('GET', '/.well-known/openid-configuration')
  expect(body).toEqual({
    issuer: defaultIssuer,
    jwks_uri: 'https://localhost:6443/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  })
  expect(headers['cache-control']).toBe('public, max-age=3600')
  const { keys } = (await json('GET', '/openid/v1/jwks')).body
  const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
  expect(keys).toEqual([{ use: 'sig', kty: 'EC', crv: 'P-256', x, y, kid: expect.any(String) as string, alg: 'ES256' }])
})
