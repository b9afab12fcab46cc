import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Agreed } from '../offer.ts'

/** Kubernetes' clients send 32 KiB at a time; what is larger is no part of a stream. */
const maxMessageBytes = 1024 * 1024

/** Shakes hands as the server of a WebSocket (RFC 6455, section 4.2). Rejects when what the caller sent was no handshake; it has heard so then. */
export function accept({ headers, method }: ApiRequest, connection: Duplex, { protocol, isNamed }: Agreed): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: maxMessageBytes })
  // Names of Kubernetes' protocols have characters that the library does not take for a name: it is not shown them.
  const { 'sec-websocket-protocol': _, ...others } = headers
  if (isNamed) server.on('headers', (lines: string[]) => void lines.push(`Sec-WebSocket-Protocol: ${protocol}`))
  return new Promise((resolve, reject) => {
    connection.once('close', () => reject(new Error('the caller has gone')))
    server.handleUpgrade({ method, headers: others } as unknown as IncomingMessage, connection, Buffer.alloc(0), resolve) // all that it looks at
  })
}
