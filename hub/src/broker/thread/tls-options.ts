import { constants } from 'node:crypto'
import { strongTls } from '@bramble/shared/identity/strong-tls.ts'
import type { BrokerTls } from '../broker-messages.ts'

/** How the broker's door is opened. */
export const secureOptions = ({ key, certificate, ca }: BrokerTls) => ({
  key,
  // With the CA in the chain, so that who joins can compare it with the fingerprint in its token.
  cert: certificate.includes(ca.trim()) ? certificate : `${certificate.trimEnd()}\n${ca}`,
  ca,
  requestCert: true,
  // Who wants to join has no certificate yet; `shownBy` refuses the ones that do not verify.
  rejectUnauthorized: false,
  ...strongTls,
  // A handshake costs us more than whoever asks for it: one a connection.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
})
