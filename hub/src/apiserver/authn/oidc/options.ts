import { type Algorithm, algorithms } from '../tokens/algorithms.ts'

/** An issuer of tokens outside of the cluster, whose people are users here; called as kube-apiserver's flags. */
export type OidcOptions = {
  readonly issuerUrl: string
  readonly clientId: string
  readonly usernameClaim: string
  readonly usernamePrefix: string
  /** Undefined: of groups it says nothing. */
  readonly groupsClaim?: string
  readonly groupsPrefix: string
  readonly requiredClaims: Readonly<Record<string, string>>
  readonly signingAlgs: readonly Algorithm[]
  /** PEM; undefined: what this machine trusts. */
  readonly ca?: string
}

/** As it stands in the configuration. */
export type OidcConfig = {
  readonly oidcIssuerUrl: string
  readonly oidcClientId: string
  readonly oidcUsernameClaim: string
  readonly oidcUsernamePrefix: string
  readonly oidcGroupsClaim: string
  readonly oidcGroupsPrefix: string
  readonly oidcRequiredClaim: readonly string[]
  readonly oidcSigningAlgs: readonly string[]
  readonly oidcCaFile: string
}

/** What is wrong with it, in one sentence; undefined when nothing is. `issuers`: of this cluster's own tokens. */
export function oidcMistake(config: OidcConfig, issuers: readonly string[]): string | undefined {
  const { oidcIssuerUrl: url, oidcClientId: client, oidcRequiredClaim: required, oidcSigningAlgs: algs } = config
  if (url === '' && client === '') return undefined
  if (url === '' || client === '') return '--oidc-issuer-url and --oidc-client-id go together: give both or none'
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return `--oidc-issuer-url ${url}: expected an https URL`
  if (issuers.includes(url))
    return `--oidc-issuer-url ${url} is the issuer of this cluster's own service accounts: it has to be another one`
  const odd = required.find((each) => !/^[^=]+=/.test(each))
  if (odd !== undefined) return `--oidc-required-claim ${odd}: expected KEY=VALUE`
  const unknown = algs.find((each) => !algorithms.some((one) => one === each))
  return unknown === undefined ? undefined : `--oidc-signing-algs ${unknown}: expected some of ${algorithms.join(', ')}`
}

/** Undefined when none is configured. Names that are no addresses say whose they are, unless that is turned off with `-`, as in Kubernetes. */
export function oidcOptions(config: OidcConfig, readFile: (path: string) => string): OidcOptions | undefined {
  if (config.oidcIssuerUrl === '') return undefined
  const { oidcIssuerUrl: issuerUrl, oidcUsernameClaim: usernameClaim, oidcUsernamePrefix: prefix } = config
  return {
    issuerUrl,
    clientId: config.oidcClientId,
    usernameClaim,
    usernamePrefix: prefix === '-' || (prefix === '' && usernameClaim === 'email') ? '' : prefix === '' ? `${issuerUrl}#` : prefix,
    ...(config.oidcGroupsClaim !== '' && { groupsClaim: config.oidcGroupsClaim }),
    groupsPrefix: config.oidcGroupsPrefix,
    requiredClaims: Object.fromEntries(
      config.oidcRequiredClaim.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    ),
    signingAlgs: config.oidcSigningAlgs as readonly Algorithm[], // looked at before
    ...(config.oidcCaFile !== '' && { ca: readFile(config.oidcCaFile) }),
  }
}
