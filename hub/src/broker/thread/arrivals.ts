import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { createPlaces, type Guest } from '@bramble/shared/limits/places.ts'
import { type Shown, shownBy } from './identity-of.ts'

// A board that comes back may still have the connection before; no certificate of ours makes more than that of its node.
const maxArriving = { ofOne: 4, inAll: 8192 }

/**
 * Who has shown the certificate of a node has places of that node until the hub lets it in or it has gone, and none of the strangers': its
 * address may be that of a whole fleet, and the hub busy with all of it.
 */
export function createArrivals() {
  const places = createPlaces(maxArriving)
  const shown = new WeakMap<TLSSocket, Shown>()
  const arriving = new WeakMap<TLSSocket, Guest>()
  return {
    /** After its handshake. Answers whether it is a node, by what it has shown. */
    meet(socket: TLSSocket, ca: X509Certificate): boolean {
      const what = shownBy(socket, ca)
      shown.set(socket, what)
      if (what.type !== 'node') return false
      const guest = { of: what.name, end: () => socket.destroy() }
      arriving.set(socket, guest)
      places.enter(guest)
      socket.once('close', () => places.leave(guest))
      return true
    },
    shownBy: (socket: TLSSocket): Shown => shown.get(socket) ?? { type: 'nothing' },
    isIn(socket: TLSSocket): void {
      const guest = arriving.get(socket)
      if (guest !== undefined) places.leave(guest)
    },
  }
}
