import type { Readable } from 'node:stream'

/** Whether what a client says next is read, or waits in its socket and then at the client. */
export type ReadGate = { shut(): void; open(): void }

/**
 * aedes reads on whenever a socket has more, however many packets before it are still waiting for their answer: to hold those back would
 * pile up in memory whatever is sent. So the socket itself gives nothing while the gate is shut.
 */
export function readGate(socket: Readable): ReadGate {
  const read = socket.read.bind(socket)
  let isShut = false
  socket.read = (size) => (isShut ? null : (read(size) as unknown))
  return {
    shut() {
      isShut = true
    },
    open() {
      if (!isShut) return
      isShut = false
      if (!socket.destroyed) socket.emit('readable')
    },
  }
}
