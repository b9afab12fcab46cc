import type { Server, Socket } from 'node:net'
import { createPlaces } from './places.ts'

/**
 * Each connection of a TLS server holds one of the strangers' places from its first packet on, until it is known who is there.
 * Nothing is said to the one whose place is taken: there may be no TLS yet to say it in. Who has begun his handshake is under way.
 */
export function keepStrangersFew(server: Server, limits: { readonly ofOne: number; readonly inAll: number }) {
  const places = createPlaces(limits)
  // By the far end, because TLS hands on a socket of its own.
  const unknown = new Map<string, () => void>()
  server.on('connection', (socket: Socket) => {
    let hasSpoken = false
    const guest = {
      of: socket.remoteAddress ?? '',
      end: () => socket.destroy(),
      isUnderWay: () => (hasSpoken ||= socket.bytesRead > 0),
    }
    places.enter(guest)
    const farEnd = farEndOf(socket)
    const forget = () => {
      if (unknown.get(farEnd) === forget) unknown.delete(farEnd)
      places.leave(guest)
    }
    unknown.set(farEnd, forget)
    socket.once('close', forget)
  })
  return {
    /** It is known who has this connection: it leaves the strangers' places. */
    isKnown: (socket: Socket): void => unknown.get(farEndOf(socket))?.(),
    get count() {
      return places.count
    },
  }
}

const farEndOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
