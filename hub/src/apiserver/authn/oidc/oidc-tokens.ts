import type { User } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { isHubPart } from '../../authz/hub-parts.ts'
import { isNode } from '../../authz/node-user.ts'
import { anonymous } from '../client-certificate.ts'
import { isSignedBy, type VerifyingKey } from '../tokens/algorithms.ts'
import { type Credential, type Read, refused, type TokenAuthenticator } from '../tokens/authenticator.ts'
import { type Jwt, parseJwt } from '../tokens/jwt.ts'
import { bothIn, forOthers } from '../tokens/audiences.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import type { OidcOptions } from './options.ts'

export type OidcTokensDeps = {
  readonly options: OidcOptions
  readonly keys: IssuerKeys
  readonly audiences: readonly string[]
  readonly clock: Clock
}

type Claims = Jwt['claims']
/** As go-oidc has it. */
const notBeforeLeewayMs = 5 * 60_000

/** The ID tokens of an issuer outside of the cluster (OpenID Connect Core 1.0), for one client of it. */
export const createOidcTokens = ({ options, keys, audiences, clock }: OidcTokensDeps): TokenAuthenticator => {
  const judged = (jwt: Jwt, named: readonly VerifyingKey[] | undefined): Read => {
    if (named === undefined) return refused('oidc: authenticator not initialized')
    const key = named.find((each) => isSignedBy(each, jwt))
    if (key === undefined) return refused('oidc: verify token: failed to verify signature: failed to verify id token signature')
    const { claims } = jwt
    const user = userIn(claims, options)
    if (typeof user === 'string') return refused(`oidc: ${user}`)
    const credential: Credential = (asked) => {
      const both = bothIn(audiences, asked)
      if (both.length === 0) return refused(forOthers(audiences, asked))
      const refusal = keys.isCurrent(key) ? mistimed(claims, clock.now()) : 'its issuer has taken its key away'
      return refusal === undefined ? { type: 'known', user, audiences: both } : refused(`oidc: verify token: ${refusal}`)
    }
    return { type: 'credential', credential, isKept: true }
  }
  return {
    name: 'oidc',
    read(token) {
      const jwt = parseJwt(token)
      if (jwt?.claims['iss'] !== options.issuerUrl) return undefined
      const audience = jwt.claims['aud']
      const isForUs = audience === options.clientId || (Array.isArray(audience) && audience.includes(options.clientId))
      // Before anything is fetched for its sake.
      if (!isForUs) return refused(`oidc: verify token: oidc: expected audience ${JSON.stringify(options.clientId)}`)
      if (!options.signingAlgs.some((each) => each === jwt.alg))
        return refused(
          `oidc: verify token: oidc: id token signed with unsupported algorithm, expected ${JSON.stringify(options.signingAlgs)}`,
        )
      const refusal = mistimed(jwt.claims, clock.now())
      if (refusal !== undefined) return refused(`oidc: verify token: ${refusal}`)
      const named = keys.named(jwt.keyId)
      return named instanceof Promise ? named.then((found) => judged(jwt, found)) : judged(jwt, named)
    },
  }
}

function mistimed({ exp, nbf }: Claims, now: number): string | undefined {
  if (typeof exp !== 'number' || exp * 1000 < now) return 'oidc: token is expired'
  if (nbf === undefined) return undefined
  return typeof nbf === 'number' && nbf * 1000 <= now + notBeforeLeewayMs
    ? undefined
    : 'oidc: current time is before the nbf (not before) time'
}

/** Who it says it is, or why that is nobody. */
function userIn(claims: Claims, options: OidcOptions): User | string {
  const own = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined)
  const said = own(options.usernameClaim)
  if (typeof said !== 'string' || said === '') return `parse username claims ${JSON.stringify(options.usernameClaim)}: claim not present`
  // Who may choose an address that nobody has looked at takes that of somebody else.
  if (options.usernameClaim === 'email' && own('email_verified') !== undefined && own('email_verified') !== true)
    return 'email not verified'
  for (const [name, wanted] of Object.entries(options.requiredClaims)) {
    if (own(name) === undefined) return `required claim ${name} not present in ID token`
    if (own(name) !== wanted) return `required claim ${name} value does not match. Got = ${String(own(name))}, want = ${wanted}`
  }
  const groups = groupsIn(own(options.groupsClaim ?? ''), options)
  if (groups === undefined) return `parse groups claim ${JSON.stringify(options.groupsClaim)}: expected a text or a list of texts`
  const jti = own('jti')
  const user: User = {
    name: options.usernamePrefix + said,
    groups: [...groups.filter((group) => group !== 'system:authenticated'), 'system:authenticated'],
    ...(typeof jti === 'string' && jti !== '' && { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] } }),
  }
  // A node is known by its key alone, and what the hub's own parts do is told under their names.
  return isNode(user) || isHubPart(user.name) || user.name === anonymous.name
    ? `nobody from outside may be ${JSON.stringify(user.name)}`
    : user
}

function groupsIn(said: unknown, { groupsClaim, groupsPrefix }: OidcOptions): readonly string[] | undefined {
  if (groupsClaim === undefined || said === undefined) return []
  const groups: readonly unknown[] = Array.isArray(said) ? said : [said]
  return groups.every((group) => typeof group === 'string') ? groups.map((group) => groupsPrefix + group) : undefined
}
