import { notFound } from '@bramble/shared/api/api-error.ts'
import type { User } from '@bramble/shared/api/api-request.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { secrets } from '@bramble/shared/kinds/secret.ts'
import { serviceAccounts } from '@bramble/shared/kinds/service-account.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Registry } from '../../objects/registry.ts'
import { isSignedBy } from '../tokens/algorithms.ts'
import { type Credential, type Read, refused, type TokenAuthenticator } from '../tokens/authenticator.ts'
import { parseJwt } from '../tokens/jwt.ts'
import { bothIn, forOthers } from '../tokens/audiences.ts'
import { aheadMs, type BoundClaims, boundClaims, leewayMs, type Reference } from './claims.ts'
import { createLiving } from './living.ts'
import { accountUser } from './names.ts'
import type { SigningKeys } from './signing.ts'

export type BoundTokensDeps = {
  readonly registry: Registry
  readonly keys: SigningKeys
  readonly issuers: readonly string[]
  /** The hub's own audiences: whom a token is for that names nobody. */
  readonly audiences: readonly string[]
  /** By which tokens end: the same that dates them. */
  readonly clock: Clock
}

/** The tokens that accounts are given for a while (TokenRequest), good as long as the account is there and what they are bound to. */
export const createBoundTokens = (deps: BoundTokensDeps): TokenAuthenticator => ({
  name: 'service-accounts',
  read(token): Read | undefined {
    const jwt = parseJwt(token)
    if (jwt === undefined || !deps.issuers.includes(jwt.claims['iss'] as string)) return undefined // any value may be looked for
    const keys = deps.keys.named(jwt.keyId).filter(({ algorithms }) => algorithms.some((each) => each === jwt.alg))
    if (keys.length === 0) return refused('invalid signature, no keys found')
    if (!keys.some((key) => isSignedBy(key, jwt))) return refused('go-jose/go-jose: error in cryptographic primitive')
    const claims = boundClaims(jwt.claims)
    if (claims === undefined) return refused('service account token claims could not be validated due to unexpected private claim')
    return { type: 'credential', credential: credentialOf(claims, deps), isKept: true }
  },
})

function credentialOf(claims: BoundClaims, { registry, audiences: own, clock }: BoundTokensDeps): Credential {
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io']
  const tokenAudiences = claims.aud.length === 0 ? own : claims.aud
  const account = createLiving(registry, { kind: serviceAccounts, namespace, name: serviceaccount.name })
  // As in Kubernetes: of a pod's token the node is only told.
  const bound = [
    ...boundTo(registry, secrets, secret, { namespace, claim: 'service account secret' }),
    ...boundTo(registry, pods, pod, { namespace, claim: 'service account pod' }),
    ...(pod === undefined ? boundTo(registry, nodes, node, { claim: 'service account node' }) : []),
  ]
  const user = accountUser({ namespace, ...serviceaccount }, extraOf(claims))
  const refusalAt = (now: number): string | undefined => {
    if (now > claims.exp * 1000 + leewayMs) return 'service account token has expired'
    if (now < (claims.nbf ?? 0) * 1000 - aheadMs) return 'service account token is not valid yet'
    const found = account(now)
    if (found.type === 'none') return notFound(serviceAccounts, serviceaccount.name).message
    if (found.type === 'ended') return `service account ${namespace}/${serviceaccount.name} has been deleted`
    const { uid } = found.object.metadata
    if (uid !== serviceaccount.uid) return `service account UID (${uid}) does not match claim (${serviceaccount.uid})`
    for (const refusalOf of bound) {
      const refusal = refusalOf(now)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
  return (asked) => {
    const audiences = bothIn(tokenAudiences, asked)
    if (audiences.length === 0) return refused(forOthers(tokenAudiences, asked))
    const refusal = refusalAt(clock.now())
    return refusal === undefined ? { type: 'known', user, audiences } : refused(refusal)
  }
}

/** Asks after what a token is bound to, if it is. */
function boundTo(
  registry: Registry,
  kind: Kind,
  reference: Reference | undefined,
  { namespace, claim }: { readonly namespace?: string; readonly claim: string },
): readonly ((now: number) => string | undefined)[] {
  if (reference === undefined) return []
  const { name, uid: claimed = '' } = reference
  const living = createLiving(registry, { kind, name, ...(namespace !== undefined && { namespace }) })
  return [
    (now) => {
      const found = living(now)
      if (found.type !== 'there') return 'service account token has been invalidated'
      const { uid } = found.object.metadata
      return uid === claimed ? undefined : `${kind.singular} UID (${uid}) does not match ${claim} ref claim (${claimed})`
    },
  ]
}

function extraOf({ jti = '', 'kubernetes.io': { pod, node } }: BoundClaims): NonNullable<User['extra']> {
  const about = (key: string, value: string | undefined) =>
    value === undefined || value === '' ? {} : { [`authentication.kubernetes.io/${key}`]: [value] }
  return {
    ...about('credential-id', jti === '' ? undefined : `JTI=${jti}`),
    ...(node !== undefined && { ...about('node-name', node.name), ...about('node-uid', node.uid) }),
    ...(pod !== undefined && { ...about('pod-name', pod.name), ...about('pod-uid', pod.uid) }),
  }
}
