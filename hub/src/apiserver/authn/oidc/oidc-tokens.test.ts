import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, it } from 'vitest'
import type { Verdict } from '../tokens/authenticator.ts'
import { signatureOf } from '../tokens/algorithms.ts'
import { createTokens } from '../tokens/tokens.ts'
import { createIssuerKeys } from './issuer-keys.ts'
import { createOidcTokens } from './oidc-tokens.ts'
import { type OidcConfig, oidcMistake, oidcOptions } from './options.ts'

const issuer = 'https://people.example.com/realm'
const config: OidcConfig = {
  ...{ oidcIssuerUrl: issuer, oidcClientId: 'bramble', oidcUsernameClaim: 'sub', oidcUsernamePrefix: '', oidcGroupsClaim: 'groups' },
  ...{ oidcGroupsPrefix: 'people:', oidcRequiredClaim: [], oidcSigningAlgs: ['RS256'], oidcCaFile: '' },
}
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const [first, second] = [rsa(), rsa()]
const jwkOf = (key: KeyObject, kid: string, more: object = {}) => ({
  ...createPublicKey(key).export({ format: 'jwk' }),
  kid,
  use: 'sig',
  ...more,
})

/** An issuer that can be down, and people's tokens of it. */
function setUp(changed: Partial<OidcConfig> = {}) {
  const options = oidcOptions({ ...config, ...changed }, () => '')
  if (options === undefined) throw new Error('it is configured')
  const time = { now: Date.UTC(2026, 10, 28) }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const served = { isDown: false, name: issuer, keys: [jwkOf(first, 'one')] as unknown[] }
  const asked: string[] = []
  const fetchJson = async (url: string): Promise<unknown> => {
    asked.push(url)
    await Promise.resolve()
    if (served.isDown) throw new Error('it does not answer')
    return url.endsWith('/keys') ? { keys: served.keys } : { issuer: served.name, jwks_uri: `${issuer}/keys` }
  }
  const keys = createIssuerKeys({ issuerUrl: issuer, signingAlgs: options.signingAlgs, fetchJson, clock, log: silentLog })
  const tokens = createTokens({ authenticators: [createOidcTokens({ options, keys, audiences: ['api'], clock })], audiences: ['api'] })
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (claims: object = {}, { key = first, kid = 'one' as string | undefined, alg = 'RS256' as const } = {}) => {
    const all = { iss: issuer, aud: 'bramble', sub: 'anne', exp: time.now / 1000 + 3600, ...claims }
    const signed = `${encoded({ alg, kid })}.${encoded(all)}`
    return `${signed}.${signatureOf(key, alg, signed)}`
  }
  const ask = async (text: string): Promise<Verdict> => tokens.authenticate(text)
  return { ask, token, served, asked, time, tokens }
}
/** What is fetched meanwhile is there. */
const fetched = () => new Promise((resolve) => setImmediate(resolve))
const known = (user: object) => ({ type: 'known', user, audiences: ['api'] })
const no = (why: string) => ({ type: 'refused', why: expect.stringContaining(why) as string })

it('who has a token of the issuer is a user, with its groups', async () => {
  const { ask, token } = setUp()
  expect(await ask(token({ groups: ['dev', 'ops'], jti: '7' }))).toEqual(
    known({
      name: `${issuer}#anne`,
      groups: ['people:dev', 'people:ops', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=7'] },
    }),
  )
  expect(await ask(token({ groups: 'dev', aud: ['other', 'bramble'] }))).toMatchObject(
    known({ groups: ['people:dev', 'system:authenticated'] }),
  )
  expect(await ask(token())).toMatchObject(known({ groups: ['system:authenticated'] }))
  // A token without the name of its key: any of them may have signed it.
  expect(await ask(token({}, { kid: undefined }))).toMatchObject({ type: 'known' })
})

it('names have a prefix, unless they are addresses or it is turned off', async () => {
  const nameIn = async (changed: Partial<OidcConfig>, claims: object) => {
    const { ask, token } = setUp(changed)
    const verdict = await ask(token(claims))
    return verdict.type === 'known' ? verdict.user.name : verdict.why
  }
  const email = 'anne@example.com'
  expect(await nameIn({ oidcUsernamePrefix: 'oidc:' }, {})).toBe('oidc:anne')
  expect(await nameIn({ oidcUsernamePrefix: '-' }, {})).toBe('anne')
  expect(await nameIn({ oidcUsernameClaim: 'email' }, { email })).toBe(email)
  expect(await nameIn({ oidcUsernameClaim: 'email' }, { email, email_verified: true })).toBe(email)
  expect(await nameIn({ oidcUsernameClaim: 'email' }, { email, email_verified: false })).toBe('oidc: email not verified')
  expect(await nameIn({ oidcUsernameClaim: 'email' }, { email, email_verified: 'true' })).toBe('oidc: email not verified')
})

it.each<[string, object, Partial<OidcConfig>?]>([
  ['expired', { exp: Date.UTC(2026, 10, 28) / 1000 - 1 }],
  ['without an end', { exp: undefined }],
  ['not yet good', { nbf: Date.UTC(2026, 10, 28) / 1000 + 301 }],
  ['for another client', { aud: 'other' }],
  ['for nobody', { aud: undefined }],
  ['without a name', { sub: undefined }],
  ['with an empty name', { sub: '' }],
  ['with a name that is none', { sub: 7 }],
  ['with groups that are none', { groups: [{}] }],
  ['without what is required', {}, { oidcRequiredClaim: ['hd=example.com'] }],
  ['with something else than is required', { hd: 'example.org' }, { oidcRequiredClaim: ['hd=example.com'] }],
  ['of a node by its name', { sub: 'system:node:pi-1' }, { oidcUsernamePrefix: '-' }],
  ['of a node by its groups', { groups: ['system:nodes'] }, { oidcGroupsPrefix: '' }],
  ['of a part of the hub', { sub: 'system:kube-scheduler' }, { oidcUsernamePrefix: '-' }],
  ['of nobody', { sub: 'system:anonymous' }, { oidcUsernamePrefix: '-' }],
  ['with its name in what every object has', {}, { oidcUsernameClaim: 'constructor' }],
])('a token %s is refused', async (_title, claims, changed) => {
  const { ask, token } = setUp(changed)
  expect(await ask(token(claims))).toEqual({ type: 'refused', why: expect.any(String) as string })
})

it('nobody signs but the keys of the issuer, with the algorithms that are wanted', async () => {
  const { ask, token, served } = setUp()
  expect(await ask(token({}, { key: second }))).toEqual(no('failed to verify'))
  expect(await ask(token({}, { alg: 'RS512' as never }))).toEqual(no('unsupported algorithm'))
  expect(await ask(token({ iss: 'https://other.example.com' }))).toEqual(no('invalid bearer token'))
  served.keys = [{ kty: 'oct', k: 'c2VjcmV0', kid: 'one' }, null, 'x', { kty: 'RSA' }, jwkOf(first, 'enc', { use: 'enc' })]
  const other = setUp()
  other.served.keys = [...served.keys, jwkOf(first, 'one', { alg: 'RS512' })]
  expect(await other.ask(other.token({}, { kid: 'enc' }))).toEqual(no('failed to verify'))
})

it('keys are fetched again for one that is not known, not oftener than every ten seconds, once for all who wait', async () => {
  const { ask, token, served, asked, time } = setUp()
  expect(await ask(token())).toMatchObject({ type: 'known' })
  expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`])
  served.keys = [jwkOf(first, 'one'), jwkOf(second, 'two')]
  const newer = token({}, { key: second, kid: 'two' })
  expect(await ask(newer)).toEqual(no('failed to verify'))
  expect(asked).toHaveLength(2)
  time.now += 10_000
  expect(await Promise.all([ask(newer), ask(token({ a: 1 }, { key: second, kid: 'two' })), ask(newer)])).toMatchObject([
    { type: 'known' },
    { type: 'known' },
    { type: 'known' },
  ])
  expect(asked).toHaveLength(4)
})

it('a key that the issuer has taken away is good for an hour at most; an issuer that is down locks nobody out', async () => {
  const { ask, token, served, time } = setUp()
  const old = token({ exp: time.now / 1000 + 24 * 3600 })
  expect(await ask(old)).toMatchObject({ type: 'known' })
  served.isDown = true
  time.now += 3_600_001
  expect(await ask(old)).toMatchObject({ type: 'known' })
  expect(await ask(token({ b: 1 }))).toMatchObject({ type: 'known' })
  await fetched()
  served.isDown = false
  served.keys = [jwkOf(second, 'two')]
  time.now += 10_000
  await ask(token({ c: 1 }))
  await fetched()
  expect(await ask(old)).toEqual(no('has taken its key away'))
})

it.each<[string, (served: ReturnType<typeof setUp>['served']) => void]>([
  ['is down', (served) => (served.isDown = true)],
  ['is another one', (served) => (served.name = 'https://evil.example.com')],
  ['has no keys', (served) => (served.keys = 'none' as never)],
])('while the issuer %s its tokens are refused; others are not concerned, and it may come back', async (_title, breakIt) => {
  const { ask, token, served, time, tokens } = setUp()
  breakIt(served)
  expect(await ask(token())).toEqual(no('not initialized'))
  // Looked at without waiting for anybody.
  expect(tokens.authenticate('abcdef.0123456789abcdef')).toEqual(no('invalid bearer token'))
  expect(tokens.authenticate(token())).toEqual(no('not initialized'))
  Object.assign(served, { isDown: false, name: issuer, keys: [jwkOf(first, 'one')] })
  time.now += 10_000
  expect(await ask(token())).toMatchObject({ type: 'known' })
})

it('what is configured by half or wrongly is told', () => {
  const mistake = (changed: Partial<OidcConfig>) => oidcMistake({ ...config, ...changed }, ['https://kubernetes.default.svc.cluster.local'])
  expect(mistake({})).toBeUndefined()
  expect(mistake({ oidcIssuerUrl: '', oidcClientId: '' })).toBeUndefined()
  expect(mistake({ oidcClientId: '' })).toContain('go together')
  expect(mistake({ oidcIssuerUrl: 'http://people.example.com' })).toContain('expected an https URL')
  expect(mistake({ oidcIssuerUrl: 'https://kubernetes.default.svc.cluster.local' })).toContain('has to be another one')
  expect(mistake({ oidcRequiredClaim: ['hd'] })).toContain('expected KEY=VALUE')
  expect(mistake({ oidcSigningAlgs: ['HS256'] })).toContain('--oidc-signing-algs HS256')
  expect(mistake({ oidcSigningAlgs: ['none'] })).toContain('expected some of RS256')
})
