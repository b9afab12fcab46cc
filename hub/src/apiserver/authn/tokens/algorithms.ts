import { constants, createHash, type KeyObject, sign, verify } from 'node:crypto'
import type { Jwt } from './jwt.ts'

/** With a key of two halves only: `none` and what is signed with a shared secret are no algorithms here, so that no key can be taken for another's. */
const hashes = {
  ...{ RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' },
  ...{ PS256: 'sha256', PS384: 'sha384', PS512: 'sha512' },
  ...{ ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' },
} as const
export type Algorithm = keyof typeof hashes

export const algorithms = Object.keys(hashes) as readonly Algorithm[] // its keys are those

const curves: Readonly<Record<string, Algorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
/** What is shorter can be broken. */
const leastRsaBits = 2048

/** What a key may be used with, the first of them by who does not choose. Empty for a key that is good for none of it. */
export function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): readonly Algorithm[] {
  if (type === 'rsa') return (details?.modulusLength ?? 0) < leastRsaBits ? [] : ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  const ofCurve = type === 'ec' ? curves[details?.namedCurve ?? ''] : undefined
  return ofCurve === undefined ? [] : [ofCurve]
}

/** A key whose signatures are believed, and with which algorithms: what a token says of that is compared, never followed. */
export type VerifyingKey = { readonly id: string | undefined; readonly algorithms: readonly Algorithm[]; readonly key: KeyObject }

export function isSignedBy({ algorithms: allowed, key }: VerifyingKey, { alg, signed, signature }: Jwt): boolean {
  const algorithm = allowed.find((each) => each === alg)
  if (algorithm === undefined) return false
  try {
    return verify(hashes[algorithm], Buffer.from(signed), { key, ...paddingOf(algorithm) }, signature)
  } catch {
    return false // a signature of another form
  }
}

export function signatureOf(key: KeyObject, algorithm: Algorithm, signed: string): string {
  return sign(hashes[algorithm], Buffer.from(signed), { key, ...paddingOf(algorithm) }).toString('base64url')
}

const paddingOf = (algorithm: Algorithm) => {
  if (algorithm.startsWith('ES')) return { dsaEncoding: 'ieee-p1363' } as const
  return algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING }
}

/** As Kubernetes names its keys: by their public half, from which nobody finds it back. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
