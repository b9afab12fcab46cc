import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Registry } from '../objects/registry.ts'
import type { PathRoute } from '../routes/route.ts'
import { fetchJsonTrusting } from './oidc/fetch-json.ts'
import { createIssuerKeys } from './oidc/issuer-keys.ts'
import { createOidcTokens } from './oidc/oidc-tokens.ts'
import type { OidcOptions } from './oidc/options.ts'
import { createBoundTokens } from './service-accounts/bound-tokens.ts'
import { createTokenIssuer, type TokenIssuer } from './service-accounts/issuer.ts'
import { createLegacyTokens, type LegacyClaims, signLegacy } from './service-accounts/legacy-tokens.ts'
import { createOpenIdPaths } from './service-accounts/openid-paths.ts'
import { createSigningKeys } from './service-accounts/signing.ts'
import type { TokenAuthenticator } from './tokens/authenticator.ts'
import { createBootstrapTokens } from './tokens/bootstrap-tokens.ts'
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
  /** Whose people are users here as well. */
  readonly oidc?: OidcOptions | undefined
}

export type Authentication = {
  readonly tokens: Tokens
  readonly issuer: TokenIssuer
  /** A token that stands in a Secret. */
  readonly legacyToken: (claims: LegacyClaims) => string
  readonly paths: readonly PathRoute[]
}

/** As kubeadm has it. */
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local'

type Deps = {
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
  readonly uuid: () => string
  readonly options?: AuthenticationOptions | undefined
}

/** Who gives tokens, and who knows whose they are. */
export function createAuthentication({ registry, clock: own, log, uuid, options = {} }: Deps): Authentication {
  const { issuers = [defaultIssuer], clock = own, address = () => 'localhost:6443' } = options
  const { audiences = issuers } = options
  const [issuer = defaultIssuer] = issuers
  const keys = createSigningKeys(options.keys ?? [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey])
  const deps = { registry, keys, audiences, clock }
  // Those that fetch something come last.
  const authenticators: readonly TokenAuthenticator[] = [
    createLegacyTokens(deps),
    createBoundTokens({ ...deps, issuers }),
    createBootstrapTokens(deps),
    ...(options.oidc === undefined ? [] : [oidcTokens(options.oidc, { audiences, clock, log })]),
  ]
  return {
    tokens: createTokens({ authenticators, audiences }),
    issuer: createTokenIssuer({ keys, issuer, audiences, clock, uuid }),
    legacyToken: (claims) => signLegacy(keys, claims),
    paths: createOpenIdPaths({ keys, issuer, address }),
  }
}

type Oidc = { readonly audiences: readonly string[]; readonly clock: Clock; readonly log: Log }

function oidcTokens(options: OidcOptions, { audiences, clock, log }: Oidc): TokenAuthenticator {
  const { issuerUrl, signingAlgs, ca } = options
  const keys = createIssuerKeys({ issuerUrl, signingAlgs, fetchJson: fetchJsonTrusting(ca), clock, log })
  return createOidcTokens({ options, keys, audiences, clock })
}
