import type { ServerSocket } from './server-socket.ts'

/** A proxy between us forgets who says nothing for a minute. */
const pingMs = 30_000

/** Pings until the function is called. */
export function beat(socket: Pick<ServerSocket, 'ping'>): () => void {
  const pinging = setInterval(() => socket.ping(), pingMs)
  return () => clearInterval(pinging)
}
