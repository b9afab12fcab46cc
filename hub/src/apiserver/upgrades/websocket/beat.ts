import type { WebSocket } from 'ws'

/** A proxy between us forgets who says nothing for a minute. */
const pingMs = 30_000

/** Pings until the function is called. */
export function beat(socket: WebSocket): () => void {
  const pinging = setInterval(() => socket.ping(), pingMs)
  return () => clearInterval(pinging)
}
