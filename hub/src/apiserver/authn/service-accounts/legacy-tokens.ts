import { notFound } from '@bramble/shared/api/api-error.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import * as z from 'zod'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Registry } from '../../objects/registry.ts'
import { isSignedBy } from '../tokens/algorithms.ts'
import { type Credential, refused, type TokenAuthenticator } from '../tokens/authenticator.ts'
import { parseJwt } from '../tokens/jwt.ts'
import { bothIn, forOthers } from '../tokens/audiences.ts'
import { createLiving } from './living.ts'
import { accountUser, accountUserName } from './names.ts'
import type { SigningKeys } from './signing.ts'

const legacyIssuer = 'kubernetes/serviceaccount'
const about = (key: string) => `kubernetes.io/serviceaccount/${key}`
const [namespaceKey, secretKey, nameKey, uidKey] = [
  ...[about('namespace'), about('secret.name'), about('service-account.name'), about('service-account.uid')],
] as const

const schema = z.object({
  sub: z.string(),
  [namespaceKey]: z.string().min(1),
  [secretKey]: z.string().min(1),
  [nameKey]: z.string().min(1),
  [uidKey]: z.string().min(1),
})
export type LegacyClaims = { readonly namespace: string; readonly secret: string; readonly name: string; readonly uid: string }

/** A token without an end, which stands in a Secret and is good as long as it stands there. */
export const signLegacy = (keys: SigningKeys, { namespace, secret, name, uid }: LegacyClaims): string =>
  keys.sign({
    iss: legacyIssuer,
    ...{ [namespaceKey]: namespace, [secretKey]: secret, [nameKey]: name, [uidKey]: uid },
    sub: accountUserName(namespace, name),
  })

type Deps = { readonly registry: Registry; readonly keys: SigningKeys; readonly audiences: readonly string[]; readonly clock: Clock }

export const createLegacyTokens = ({ registry, keys, audiences, clock }: Deps): TokenAuthenticator => ({
  name: 'legacy-service-accounts',
  read(token) {
    const jwt = parseJwt(token)
    if (jwt?.claims['iss'] !== legacyIssuer) return undefined
    const named = keys.named(jwt.keyId)
    if (!named.some((key) => isSignedBy(key, jwt))) return refused('go-jose/go-jose: error in cryptographic primitive')
    const claims = claimsIn(jwt.claims)
    if (claims === undefined) return refused('sub claim is invalid')
    return { type: 'credential', credential: credentialOf(token, claims, { registry, audiences, clock }), isKept: true }
  },
})

function claimsIn(given: object): LegacyClaims | undefined {
  const { data } = schema.safeParse(given)
  if (data === undefined) return undefined
  const claims = { namespace: data[namespaceKey] ?? '', secret: data[secretKey] ?? '', name: data[nameKey] ?? '', uid: data[uidKey] ?? '' }
  return data.sub === accountUserName(claims.namespace, claims.name) ? claims : undefined
}

/** By it somebody says that a token is good no more, and may take that back. */
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

function credentialOf(
  token: string,
  { namespace, secret, name, uid }: LegacyClaims,
  { registry, audiences: own, clock }: Omit<Deps, 'keys'>,
): Credential {
  const text = Buffer.from(token).toString('base64')
  const secretNow = createLiving(registry, { kind: secrets, namespace, name: secret })
  const accountNow = createLiving(registry, { kind: serviceAccounts, namespace, name })
  const user = accountUser({ namespace, name, uid }, undefined)
  const refusalAt = (now: number): string | undefined => {
    const found = secretNow(now)
    if (found.type !== 'there' || found.object.metadata.deletionTimestamp !== undefined) return 'service account token has been invalidated'
    if (found.object.data?.['token'] !== text) return "service account token does not match server's copy"
    const account = accountNow(now)
    if (account.type === 'none') return notFound(serviceAccounts, name).message
    if (account.type === 'ended' || account.object.metadata.deletionTimestamp !== undefined)
      return `service account ${namespace}/${name} has been deleted`
    if (account.object.metadata.uid !== uid) return `service account UID (${account.object.metadata.uid}) does not match claim (${uid})`
    if ((found.object.metadata.labels?.[invalidSince] ?? '') !== '')
      return `the token in secret ${namespace}/${secret} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`
    return undefined
  }
  return (asked) => {
    const audiences = bothIn(own, asked)
    if (audiences.length === 0) return refused(forOthers(own, asked))
    const refusal = refusalAt(clock.now())
    return refusal === undefined ? { type: 'known', user, audiences } : refused(refusal)
  }
}
