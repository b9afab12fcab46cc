import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

/**
 * A request that offers to speak another protocol, as any other: Node hands it over with its bare connection and without an answer. Until that is let go,
 * what is answered is the connection's last word.
 */
export function asRequest(
  request: IncomingMessage,
  socket: TLSSocket,
  head: Buffer,
): { readonly asked: Http2ServerRequest; readonly response: Http2ServerResponse } {
  socket.on('error', () => {}) // who has gone is told of by the close
  if (head.length > 0) socket.unshift(head)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.destroySoon())
  // Of HTTP/1.1, where both have what is used of them, as with any other request of that version.
  return { asked: request as unknown as Http2ServerRequest, response: response as unknown as Http2ServerResponse }
}

/** Nothing is answered over it any more: the connection is somebody else's. */
export function letGo(response: Http2ServerResponse, connection: Duplex): void {
  ;(response as unknown as ServerResponse).detachSocket(connection as TLSSocket) // as it was assigned
}
