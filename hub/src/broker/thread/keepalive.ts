import type { ConnectPacket } from 'aedes'
import type { TLSSocket } from 'node:tls'
import { type Connection, isHeldBack } from './connection.ts'
import { lookMs } from './silence.ts'

/** The longest that is taken. */
export const maxKeepaliveSeconds = 600

/**
 * Answers what a client that connects has asked for. aedes itself goes by the time of day, and this thread by its own looks (`silence.ts`): of what aedes
 * takes, it is given the longest.
 */
export function takeKeepalive(packet: ConnectPacket): number {
  const { keepalive = 0 } = packet
  if (keepalive > 0 && keepalive <= maxKeepaliveSeconds) packet.keepalive = maxKeepaliveSeconds
  return keepalive
}

/** Ends who has been silent for too long, until it is called off. */
export function endSilent(connections: ReadonlyMap<number, Connection>): () => void {
  const looking = setInterval(() => {
    for (const connection of connections.values()) {
      const { bytesRead } = connection.client.conn as TLSSocket // the broker listens on TLS alone
      if (connection.isSilent({ bytesRead, isHeldBack: isHeldBack(connection) }))
        connection.client.emit('error', new Error('nothing was heard of it for one and a half times its keepalive'))
    }
  }, lookMs)
  return () => clearInterval(looking)
}
