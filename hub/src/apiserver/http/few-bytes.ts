import type { Socket } from 'node:net'

/** Far more than is needed to ask whether there is a hub, as often as one may in the time that a stranger has. */
const defaultMost = 128 * 1024
const lookMs = 100

/**
 * Connections that may say only so much, whatever they say: there are more kinds of frames that cost something and ask nothing than
 * a list of them would name. Looked at now and then, because the HTTP/2 library reads the socket itself and tells nobody.
 */
export function createFewBytes({ most = defaultMost }: { readonly most?: number } = {}) {
  const sockets = new Set<Socket>()
  let looking: NodeJS.Timeout | undefined
  const look = () => {
    for (const socket of sockets) if (socket.bytesRead > most) socket.destroy()
  }
  const remove = (socket: Socket): void => {
    if (!sockets.delete(socket) || sockets.size > 0) return
    clearInterval(looking)
    looking = undefined
  }
  return {
    /** Until it closes. */
    add(socket: Socket): void {
      sockets.add(socket)
      looking ??= setInterval(look, lookMs)
      socket.once('close', () => remove(socket))
    },
    remove,
  }
}
