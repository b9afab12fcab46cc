import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Algorithm, algorithmsOf, keyIdOf, signatureOf, type VerifyingKey } from '../tokens/algorithms.ts'

/** The keys of this cluster's own tokens. The first signs, all of them are believed, so that they can be changed. */
export type SigningKeys = {
  sign(claims: object): string
  /** Those that a token may be signed with: of its id, or all when it names none. */
  named(id: string | undefined): readonly VerifyingKey[]
  /** For whoever checks tokens by himself (RFC 7517). */
  readonly published: { readonly keys: readonly object[] }
  /** With which they sign. */
  readonly algorithms: readonly Algorithm[]
}

/** `keys`: private, or public ones of keys that were used before; the first one is private. */
export function createSigningKeys(keys: readonly [KeyObject, ...KeyObject[]]): SigningKeys {
  const all = keys.map((key) => {
    const publicKey = key.type === 'private' ? createPublicKey(key) : key
    // As Kubernetes does: one algorithm a key, RS256 for RSA.
    const [algorithm] = algorithmsOf(publicKey)
    if (algorithm === undefined) throw new Error('a key that signs tokens must be of P-256, P-384, P-521 or RSA of 2048 bits or more')
    return { id: keyIdOf(publicKey), algorithm, algorithms: [algorithm], key: publicKey }
  })
  const [{ id, algorithm } = { id: '', algorithm: 'ES256' as const }] = all // there is a first one
  const head = encoded({ alg: algorithm, kid: id })
  return {
    sign(claims) {
      const signed = `${head}.${encoded(claims)}`
      return `${signed}.${signatureOf(keys[0], algorithm, signed)}`
    },
    named: (wanted) => (wanted === undefined ? all : all.filter((each) => each.id === wanted)),
    published: {
      keys: all.map((each) => ({ use: 'sig', ...each.key.export({ format: 'jwk' }), kid: each.id, alg: each.algorithm })),
    },
    algorithms: [...new Set(all.map((each) => each.algorithm))].sort(),
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
