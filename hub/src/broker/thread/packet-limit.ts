import { TokenBucket } from '@bramble/shared/limits/token-bucket.ts'
import type { Client } from 'aedes'

/**
 * Ends a connection that announces a packet larger than it may have at that moment, as soon as its length is read. MQTT 3.1.1 lets a packet have
 * 256 MiB and aedes has no limit of its own, so this looks into its parser (aedes is pinned, and the test beside this file would tell).
 */
export function limitPacketSize(client: Client, maxBytes: () => number): void {
  const { _parser: parser } = client as unknown as { _parser: { parse(buffer: Buffer): number; packet: { length: number } } }
  const parse = parser.parse.bind(parser)
  parser.parse = (buffer) => {
    const rest = parse(buffer)
    if (parser.packet.length > maxBytes())
      client.emit('error', new Error(`a packet of ${parser.packet.length} bytes, more than ${maxBytes()}`))
    return rest
  }
}

// Beside frames a client subscribes, says that it is alive (12 s apart) and acknowledges a few messages.
const smallTalk = { burst: 128, perSecond: 1 }

/** Ends a connection that says again and again what is no message: pings, subscriptions and their ends, acknowledgements. */
export function limitSmallTalk(client: Client): void {
  const { _parser: parser } = client as unknown as { _parser: { on(event: 'packet', listener: (packet: { cmd: string }) => void): void } }
  const allowed = new TokenBucket(smallTalk, performance.now())
  parser.on('packet', ({ cmd }) => {
    if (cmd === 'publish' || allowed.take(performance.now())) return
    client.emit('error', new Error(`more than ${smallTalk.burst} packets at once that are no messages`))
  })
}
