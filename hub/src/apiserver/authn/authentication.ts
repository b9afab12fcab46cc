import type { Clock } from '@bramble/shared/clock.ts'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Registry } from '../objects/registry.ts'
import type { PathRoute } from '../routes/route.ts'
import { createBoundTokens } from './service-accounts/bound-tokens.ts'
import { createTokenIssuer, type TokenIssuer } from './service-accounts/issuer.ts'
import { createOpenIdPaths } from './service-accounts/openid-paths.ts'
import { createSigningKeys } from './service-accounts/signing.ts'
import { createTokens, type Tokens } from './tokens/tokens.ts'

/** As it is configured. */
export type AuthenticationOptions = {
  /** Of the tokens of service accounts; see `createSigningKeys`. By default there is one that ends with the process. */
  readonly keys?: readonly [KeyObject, ...KeyObject[]]
  /** Whose names are believed in tokens of these keys; the first stands in new ones. */
  readonly issuers?: readonly string[]
  /** For whom a token is that is shown to this API; by default for its issuers. */
  readonly audiences?: readonly string[]
  /** Where others reach it. */
  readonly address?: () => string
  /** By which tokens end, and are dated. */
  readonly clock?: Clock
}

export type Authentication = {
  readonly tokens: Tokens
  readonly issuer: TokenIssuer
  readonly paths: readonly PathRoute[]
}

/** As kubeadm has it. */
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local'

type Deps = { readonly registry: Registry; readonly clock: Clock; readonly uuid: () => string; readonly options?: AuthenticationOptions }

/** Who gives tokens, and who knows whose they are. */
export function createAuthentication({ registry, clock: own, uuid, options = {} }: Deps): Authentication {
  const { issuers = [defaultIssuer], clock = own, address = () => 'localhost:6443' } = options
  const { audiences = issuers } = options
  const [issuer = defaultIssuer] = issuers
  const keys = createSigningKeys(options.keys ?? [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey])
  const authenticators = [createBoundTokens({ registry, keys, issuers, audiences, clock })]
  return {
    tokens: createTokens({ authenticators, audiences }),
    issuer: createTokenIssuer({ keys, issuer, audiences, clock, uuid }),
    paths: createOpenIdPaths({ keys, issuer, address }),
  }
}
