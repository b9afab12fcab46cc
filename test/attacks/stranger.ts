import { connect, type TLSSocket } from 'node:tls'

/** A TLS connection without a certificate, from one of this machine's addresses, to whoever is there. */
export function strangerAt(port: number, localAddress: string, ALPNProtocols?: string[]): TLSSocket {
  const from = { localAddress } // handed on to the socket below, which its types do not say
  return connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...(ALPNProtocols !== undefined && { ALPNProtocols }), ...from })
}

/** An MQTT packet by its first byte, with its length [MQTT-2.2.3]. */
export function mqttPacket(first: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let left = body.length; left > 0; left = Math.floor(left / 128)) length.push((left % 128) + (left >= 128 ? 128 : 0))
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

export const mqttText = (text: string): Buffer => {
  const size = Buffer.alloc(2)
  size.writeUInt16BE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}

/** CONNECT of MQTT 3.1.1 with a clean session [MQTT-3.1]; what follows the client id is the caller's. */
export const mqttConnect = (clientId: string, rest = Buffer.alloc(0)): Buffer =>
  mqttPacket(0x10, Buffer.concat([mqttText('MQTT'), Buffer.from([4, 2, 0, 60]), mqttText(clientId), rest]))
