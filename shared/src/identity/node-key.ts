import { createHash, type X509Certificate } from 'node:crypto'

/** The annotation of a Node that holds the hash of its public key: what its certificate must be for. Only the hub writes it. */
export const nodeKeyAnnotation = 'bramble.io/key'

/** The public key of a certificate (SPKI, DER) as it stands on a Node. A renewed certificate of the same key has the same. */
export const keyHashOf = ({ publicKey }: Pick<X509Certificate, 'publicKey'>): string =>
  `sha256:${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`
