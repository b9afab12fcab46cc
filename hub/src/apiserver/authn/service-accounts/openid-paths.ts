import type { PathRoute } from '../../routes/route.ts'
import type { SigningKeys } from './signing.ts'

const configurationPath = '/.well-known/openid-configuration'
const keysPath = '/openid/v1/jwks'

export type OpenIdDeps = {
  readonly keys: Pick<SigningKeys, 'published' | 'algorithms'>
  readonly issuer: string
  /** Where others reach this API: `192.168.1.2:6443`. */
  readonly address: () => string
}

/** From here others learn by which keys the tokens of this cluster are signed. Who may read it is a role's matter, as in Kubernetes. */
export function createOpenIdPaths({ keys, issuer, address }: OpenIdDeps): readonly PathRoute[] {
  const configuration = () => ({
    issuer,
    jwks_uri: `https://${address()}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: keys.algorithms,
  })
  return [at(configurationPath, 'application/json', configuration), at(keysPath, 'application/jwk-set+json', () => keys.published)]
}

const at = (path: string, contentType: string, made: () => object): PathRoute => ({
  at: new RegExp(`^${path.replaceAll('.', String.raw`\.`)}$`),
  answer: () => ({
    ...{ type: 'raw', status: 200, contentType, raw: JSON.stringify(made()) },
    headers: { 'cache-control': 'public, max-age=3600' },
  }),
})
