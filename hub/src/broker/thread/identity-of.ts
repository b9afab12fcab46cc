import type { TLSSocket } from 'node:tls'
import type { X509Certificate } from 'node:crypto'
import { isIssuedBy, isOfTime } from '@bramble/shared/identity/certificate-life.ts'
import { keyHashOf } from '@bramble/shared/identity/node-key.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { Identity } from '@bramble/shared/mqtt/topic.ts'
import type { NodeProof } from '../broker-messages.ts'

type Refused = { readonly type: 'refused'; readonly why: string }
type Node = { readonly type: 'node'; readonly name: string } & NodeProof
type Joining = Extract<Identity, { type: 'joining' }>

/** What a TLS connection has shown: the certificate of a node, none, or one that is no good. */
export type Shown = Node | Refused | { readonly type: 'nothing' }

/**
 * A node is what its certificate says. A certificate that does not verify is refused rather than treated as none. Whether its time is
 * over is not decided here: that needs more than this machine's clock.
 */
export function shownBy(
  socket: Pick<TLSSocket, 'getPeerCertificate' | 'getPeerX509Certificate' | 'authorized' | 'authorizationError'>,
  ca: X509Certificate,
): Shown {
  const { subject } = socket.getPeerCertificate()
  const certificate = socket.getPeerX509Certificate()
  if (subject === undefined || certificate === undefined) return { type: 'nothing' }
  if (!socket.authorized && !(isOfTime(socket.authorizationError) && isIssuedBy(certificate, ca, 'client')))
    return { type: 'refused', why: `the client certificate is not valid: ${String(socket.authorizationError)}` }
  // Several become an array: such a certificate names nobody, here as at the HTTPS door.
  const commonName = [subject.CN].flat().join(' and ')
  const name = /^system:node:([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?)$/.exec(commonName)?.[1]
  const organizations = [subject.O].flat()
  if (name === undefined || !organizations.includes('system:nodes'))
    return { type: 'refused', why: `the certificate of ${shownText(commonName)} is not a node's` }
  return { type: 'node', name, node: name, key: keyHashOf(certificate), notAfter: Date.parse(certificate.validTo) }
}

/** Without a certificate there is nothing but joining, under the id that the client id names. */
export function identityOf(shown: Shown, clientId: string): Node | Joining | Refused {
  if (shown.type !== 'nothing') return shown
  const id = /^join:([a-z0-9]{6,32})$/.exec(clientId)?.[1]
  return id === undefined ? { type: 'refused', why: 'a client without a certificate may only join' } : { type: 'joining', id }
}

/** The client id an identity must use: one connection a node, the newer one takes over. */
export const clientIdOf = (identity: Node | Joining): string => (identity.type === 'node' ? `node:${identity.name}` : `join:${identity.id}`)
