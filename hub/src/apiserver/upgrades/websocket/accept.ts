import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Agreed } from '../offer.ts'

/** What a server puts behind a caller's key (RFC 6455, section 1.3). */
const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Shakes hands as the server of a WebSocket (RFC 6455, section 4.2.2) with who has asked as one does (`agreedOn`). No extension is agreed on. */
export function accept({ headers }: Pick<ApiRequest, 'headers'>, connection: Duplex, { protocol, isNamed }: Agreed): void {
  const { 'sec-websocket-key': key = '' } = headers
  const lines = [
    ...['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'],
    `Sec-WebSocket-Accept: ${createHash('sha1').update(`${key}${magic}`).digest('base64')}`,
    ...(isNamed ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
  ]
  connection.write(`${lines.join('\r\n')}\r\n\r\n`)
}
