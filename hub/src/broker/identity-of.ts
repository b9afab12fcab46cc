import type { TLSSocket } from 'node:tls'
import type { Identity } from '@bramble/shared/topic.ts'

type ClientIdentity = Exclude<Identity, { type: 'hub' }>

/**
 * Who a TLS connection is. A node is what its certificate says; without a certificate there is nothing but joining, under
 * the id that the client id names. A certificate that does not verify is refused rather than treated as none.
 */
export function identityOf(
  socket: Pick<TLSSocket, 'getPeerCertificate' | 'authorized' | 'authorizationError'>,
  clientId: string,
): ClientIdentity | { readonly type: 'refused'; readonly why: string } {
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined) {
    const id = /^join:([a-z0-9]{6,32})$/.exec(clientId)?.[1]
    return id === undefined ? { type: 'refused', why: 'a client without a certificate may only join' } : { type: 'joining', id }
  }
  if (!socket.authorized) return { type: 'refused', why: `the client certificate is not valid: ${String(socket.authorizationError)}` }
  const [commonName = ''] = [subject.CN].flat()
  const name = /^system:node:([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?)$/.exec(commonName)?.[1]
  const organizations = [subject.O].flat()
  if (name === undefined || !organizations.includes('system:nodes'))
    return { type: 'refused', why: `the certificate of ${commonName} is not a node's` }
  return { type: 'node', name }
}

/** The client id an identity must use: one connection a node, the newer one takes over. */
export const clientIdOf = (identity: ClientIdentity): string => (identity.type === 'node' ? `node:${identity.name}` : `join:${identity.id}`)
