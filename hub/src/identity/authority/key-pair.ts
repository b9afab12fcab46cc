import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from './signer.ts'

/** A new P-256 key: small certificates and quick handshakes for small boards, and everything speaks it. */
export function newKey(): { readonly keyPem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}

/** The certificate of a pair when both parts can be read and belong together. */
export function certificateOf({ certPem, keyPem }: KeyPair): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(certPem)
    return certificate.checkPrivateKey(createPrivateKey(keyPem)) ? certificate : undefined
  } catch {
    return undefined // half a file or another format; the caller says which file that was
  }
}
