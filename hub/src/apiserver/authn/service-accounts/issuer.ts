import type { Clock } from '@bramble/shared/clock.ts'
import type { ObjectMeta } from '@bramble/shared/meta/object-meta.ts'
import { accountUserName } from './names.ts'
import type { SigningKeys } from './signing.ts'

/** What a token is bound to: a pod with the node it is on, a node, or a Secret. */
export type BoundTo = {
  readonly pod?: NamedMeta
  readonly node?: NamedMeta
  readonly secret?: NamedMeta
}
type NamedMeta = Pick<ObjectMeta, 'name' | 'uid'>

export type Wanted = {
  readonly account: Pick<ObjectMeta, 'name' | 'namespace' | 'uid'>
  readonly bound: BoundTo
  readonly audiences: readonly string[]
  readonly seconds: number
  /** After so many somebody should have got a new one. */
  readonly warnAfterSeconds?: number
}

/** Gives accounts their tokens. */
export type TokenIssuer = {
  /** Its name, which is in all of them. */
  readonly issuer: string
  /** For whom tokens are of which nothing else is said. */
  readonly audiences: readonly string[]
  /** By which they are dated. */
  readonly now: () => number
  /** `id` tells it from others, in what is written of who shows it. */
  issue(wanted: Wanted): { readonly token: string; readonly id: string }
}

export type TokenIssuerDeps = {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly clock: Clock
  readonly uuid: () => string
}

export const createTokenIssuer = ({ keys, issuer, audiences, clock, uuid }: TokenIssuerDeps): TokenIssuer => ({
  issuer,
  audiences,
  now: () => clock.now(),
  issue({ account: { name, namespace = '', uid }, bound: { pod, node, secret }, audiences: aud, seconds, warnAfterSeconds }) {
    const now = Math.floor(clock.now() / 1000)
    const id = uuid()
    const token = keys.sign({
      aud,
      exp: now + seconds,
      iat: now,
      iss: issuer,
      jti: id,
      'kubernetes.io': {
        namespace,
        ...(node !== undefined && { node: reference(node) }),
        ...(pod !== undefined && { pod: reference(pod) }),
        ...(secret !== undefined && { secret: reference(secret) }),
        serviceaccount: { name, uid },
        ...(warnAfterSeconds !== undefined && { warnafter: now + warnAfterSeconds }),
      },
      nbf: now,
      sub: accountUserName(namespace, name),
    })
    return { token, id }
  },
})

const reference = ({ name, uid }: NamedMeta) => ({ name, ...(uid !== undefined && { uid }) })
