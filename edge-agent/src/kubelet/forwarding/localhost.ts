import { connect, type Socket } from 'node:net'
import { messageOf } from '@bramble/shared/process/service.ts'
import { connected } from '../dialling/connected.ts'

/** As for the proxies. Of both addresses together. */
export const connectMs = 10_000

/**
 * Connects to a port of `localhost` in the network that this process is in: at 127.0.0.1, and where nobody listens there at ::1, as container runtimes do.
 * What the other side says first is left unread in the socket, whoever reads it later.
 */
export async function connectLocalhost(port: number, signal?: AbortSignal): Promise<Socket> {
  const started = performance.now()
  const refusals: string[] = []
  for (const [host, family] of addresses) {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
    socket.on('error', () => {}) // whoever waits for it is told
    socket.pause()
    try {
      await connected(socket, Math.max(1, connectMs - (performance.now() - started)), signal)
      return socket
    } catch (error) {
      socket.destroy()
      if (signal?.aborted === true) throw error
      refusals.push(`${family}: ${messageOf(error)}`)
    }
  }
  throw new Error(`failed to connect to localhost:${port} inside of the pod's network, ${refusals.join(', ')}`)
}

const addresses = [
  ['127.0.0.1', 'IPv4'],
  ['::1', 'IPv6'],
] as const
