import type { Client } from 'aedes'

/**
 * Ends a connection that announces a packet larger than `maxBytes`, as soon as its length is read. MQTT 3.1.1 lets a packet have
 * 256 MiB and aedes has no limit of its own, so this looks into its parser (aedes is pinned, and the test beside this file would tell).
 */
export function limitPacketSize(client: Client, maxBytes: number): void {
  const { _parser: parser } = client as unknown as { _parser: { parse(buffer: Buffer): number; packet: { length: number } } }
  const parse = parser.parse.bind(parser)
  parser.parse = (buffer) => {
    const rest = parse(buffer)
    if (parser.packet.length > maxBytes) client.emit('error', new Error(`a packet of ${parser.packet.length} bytes, more than ${maxBytes}`))
    return rest
  }
}
