import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pod } from '../../testing/api.ts'
import { createTokenRoom, hourMs, partsOf } from '../../testing/token-room.ts'
import { defaultIssuer } from '../authentication.ts'
import { keyIdOf, signatureOf } from '../tokens/algorithms.ts'
import { createSigningKeys } from './signing.ts'

const minute = 60_000

it('a token is its account, for whom it is', async () => {
  const { review, tokenOf, robot } = await createTokenRoom()
  const token = await tokenOf()
  const user = {
    username: 'system:serviceaccount:default:robot',
    uid: robot.metadata.uid,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
  }
  expect(await review(token)).toMatchObject({ authenticated: true, audiences: [defaultIssuer], user })
  // Also the second time, when it is known.
  expect(await review(token)).toMatchObject({ authenticated: true, user })
  const message = `token audiences ["${defaultIssuer}"] is invalid for the target audiences ["vault"]`
  expect(await review(token, ['vault'])).toEqual({ user: {}, error: message })
  const forTwo = await tokenOf({ audiences: ['vault', 'registry'] })
  expect(await review(forTwo)).toMatchObject({
    error: `token audiences ["vault" "registry"] is invalid for the target audiences ["${defaultIssuer}"]`,
  })
  expect(await review(forTwo, ['x', 'registry'])).toMatchObject({ authenticated: true, audiences: ['registry'] })
})

it('it ends at its time, a minute later than it says; one of tomorrow is good, because the clock of the hub may have been set back', async () => {
  const { review, tokenOf, time } = await createTokenRoom()
  const token = await tokenOf({ expirationSeconds: 600 })
  time.now += 11 * minute
  expect(await review(token)).toMatchObject({ authenticated: true })
  time.now += 1
  expect(await review(token)).toEqual({ user: {}, error: 'service account token has expired' })
  time.now -= 11 * minute + 24 * hourMs
  expect(await review(token)).toMatchObject({ authenticated: true })
  time.now -= 1000
  expect(await review(token)).toMatchObject({ error: 'service account token is not valid yet' })
})

describe('it ends with what it is for', () => {
  const setUp = async () => {
    const room = await createTokenRoom()
    const { make, inDefault, tokenOf, robot } = room
    await make('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1' } })
    await make(`${inDefault}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } })
    const finalizers = ['example.com/stays']
    await make(`${inDefault}/pods`, pod('p', { serviceAccountName: 'robot' }, { finalizers }))
    const bound = (kind: string, name: string) => tokenOf({ boundObjectRef: { kind, apiVersion: 'v1', name } })
    return {
      ...room,
      tokens: {
        account: await tokenOf(),
        pod: await bound('Pod', 'p'),
        secret: await bound('Secret', 's'),
        node: await bound('Node', 'pi-1'),
      },
      robot,
    }
  }

  it('its account, also when another has its name', async () => {
    const { tokens, json, accounts, review, make, robot } = await setUp()
    await json('DELETE', `${accounts}/robot`)
    for (const token of Object.values(tokens)) expect(await review(token)).toMatchObject({ error: 'serviceaccounts "robot" not found' })
    const { metadata } = await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } })
    expect(await review(tokens.account)).toMatchObject({
      error: `service account UID (${metadata.uid}) does not match claim (${robot.metadata.uid})`,
    })
  })

  it('its Secret and its node', async () => {
    const { tokens, json, inDefault, review, make } = await setUp()
    const uidOf = async (url: string): Promise<string> => (await json('GET', url)).body.metadata.uid
    const before = await uidOf(`${inDefault}/secrets/s`)
    await json('DELETE', `${inDefault}/secrets/s`)
    await json('DELETE', '/api/v1/nodes/pi-1')
    const error = 'service account token has been invalidated'
    expect([await review(tokens.secret), await review(tokens.node)]).toEqual([
      { user: {}, error },
      { user: {}, error },
    ])
    const made = await make(`${inDefault}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } })
    expect((await review(tokens.secret)).error).toBe(
      `secret UID (${made.metadata.uid}) does not match service account secret ref claim (${before})`,
    )
    expect(await review(tokens.pod)).toMatchObject({ authenticated: true })
  })

  it('its pod: a minute after its time is over, though something holds it', async () => {
    const { tokens, json, inDefault, review, time } = await setUp()
    await json('DELETE', `${inDefault}/pods/p`, { body: { gracePeriodSeconds: 0 } })
    expect((await json('GET', `${inDefault}/pods/p`)).body.metadata.deletionTimestamp).toBeDefined()
    time.now += minute
    expect(await review(tokens.pod)).toMatchObject({ authenticated: true })
    time.now += 1
    expect(await review(tokens.pod)).toMatchObject({ error: 'service account token has been invalidated' })
    expect(await review(tokens.account)).toMatchObject({ authenticated: true })
  })
})

describe('nobody else signs', () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const setUp = async () => {
    const room = await createTokenRoom()
    const token = await room.tokenOf()
    const [head = '', payload = '', signature = ''] = token.split('.')
    const publicKey = createPublicKey(room.privateKey)
    return { ...room, token, head, payload, signature, publicKey, claims: partsOf(token)[1] }
  }
  type Room = Awaited<ReturnType<typeof setUp>>
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const { privateKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const es256 = (room: Room, key = other, head: object = { alg: 'ES256' }) => {
    const signed = `${encoded(head)}.${room.payload}`
    return `${signed}.${signatureOf(key, 'ES256', signed)}`
  }

  it.each<[string, (room: Room) => string]>([
    ['nothing', () => 'x'],
    ['dots alone', () => '..'],
    ['no signature', ({ head, payload }) => `${head}.${payload}.`],
    ['alg none', ({ payload }) => `${encoded({ alg: 'none' })}.${payload}.`],
    ['alg none with a signature', ({ payload, signature }) => `${encoded({ alg: 'none' })}.${payload}.${signature}`],
    ['alg NONE', ({ payload, signature }) => `${encoded({ alg: 'NONE' })}.${payload}.${signature}`],
    ['no alg', ({ payload, signature }) => `${encoded({})}.${payload}.${signature}`],
    [
      'HS256 with the public key for a secret',
      ({ payload, publicKey }) => {
        const signed = `${encoded({ alg: 'HS256' })}.${payload}`
        const pem = publicKey.export({ format: 'pem', type: 'spki' })
        return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`
      },
    ],
    ['another key', (room) => es256(room)],
    ['another key that says it is ours', (room) => es256(room, other, { alg: 'ES256', kid: keyIdOf(room.publicKey) })],
    ['another key that comes along', (room) => es256(room, other, { alg: 'ES256', jwk: createPublicKey(other).export({ format: 'jwk' }) })],
    ['a key of RSA', ({ claims }) => createSigningKeys([rsa]).sign(claims)],
    ['a key of another curve', ({ claims }) => createSigningKeys([p384]).sign(claims)],
    ['our key under another name', (room) => es256(room, room.privateKey, { alg: 'ES256', kid: 'another' })],
    ['our key, with more to it', (room) => es256(room, room.privateKey, { alg: 'ES256', crit: ['b64'], b64: false })],
    ['another text', ({ head, claims, signature }) => `${head}.${encoded({ ...claims, exp: claims.exp + 1 })}.${signature}`],
    ['a signature that is cut', ({ token }) => token.slice(0, -4)],
    ['a signature in DER', ({ head, payload }) => `${head}.${payload}.${Buffer.from('3006020101020101', 'hex').toString('base64url')}`],
    ['a signature of zeros', ({ head, payload }) => `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
    ['another issuer', ({ claims, privateKey }) => createSigningKeys([privateKey]).sign({ ...claims, iss: 'https://example.com' })],
    ['no issuer', ({ claims, privateKey }) => createSigningKeys([privateKey]).sign({ ...claims, iss: undefined })],
    ['no end', ({ claims, privateKey }) => createSigningKeys([privateKey]).sign({ ...claims, exp: undefined })],
    ['no account', ({ claims, privateKey }) => createSigningKeys([privateKey]).sign({ ...claims, 'kubernetes.io': undefined })],
    ['more parts', ({ token }) => `${token}.e30`],
    ['spaces within', ({ token }) => token.replace('.', ' .')],
    ['megabytes', ({ token }) => token + 'A'.repeat(1_000_000)],
    ['something nested deeply', () => `${Buffer.from('['.repeat(5000)).toString('base64url')}.e30.AAAA`],
  ])('a token with %s is refused', async (_title, forge) => {
    const room = await setUp()
    expect(await room.review(forge(room))).toEqual({ user: {}, error: expect.any(String) as string })
    expect(await room.review(room.token)).toMatchObject({ authenticated: true })
  })

  it('a key that signed before is believed as long as it is kept', async () => {
    const room = await setUp()
    const newer = createSigningKeys([other, room.privateKey])
    expect(newer.named(keyIdOf(room.publicKey))).toHaveLength(1)
    expect(newer.named(undefined)).toHaveLength(2)
    expect(partsOf(newer.sign({}))[0].kid).toBe(newer.named(undefined)[0]?.id)
    expect(() => createSigningKeys([generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey])).toThrow('2048 bits')
  })
})
