import type { Duplex } from 'node:stream'
import type { Agreed } from '../offer.ts'

/** Tells the caller that from here on SPDY is spoken. */
export function switchToSpdy(connection: Duplex, { protocol, isNamed }: Agreed): void {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1']
  connection.write(`${[...lines, ...(isNamed ? [`X-Stream-Protocol-Version: ${protocol}`] : [])].join('\r\n')}\r\n\r\n`)
}
