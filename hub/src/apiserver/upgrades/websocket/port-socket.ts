import type { Duplex } from 'node:stream'
import type { Forward, ForwardedConnection, PortSession } from '../forwarded-connection.ts'
import { type ChannelSocket, channelSocket } from './channel-socket.ts'

export type PortSocketDeps = {
  readonly connection: Duplex
  readonly protocol: string
  /** One connection for each, from the start; a port may be named twice. */
  readonly ports: readonly number[]
  readonly forward: Forward
}

/**
 * A caller that speaks the `v4.channel.k8s.io` of ports: of the i-th port channel 2i has the bytes and 2i+1 what went wrong, each of which first says the port. It
 * knows no half-close: a connection of which the pod has said all is over, and with the last of them the session.
 */
export function portSocket({ connection, protocol, ports, forward }: PortSocketDeps): PortSession {
  const given = ports.map(() => new AbortController())
  const channels = channelSocket({
    ...{ connection, protocol, inputs: ports.map((_, index) => 2 * index) },
    onStuck(channel, error) {
      void channels.send(channel + 1, Buffer.from(error.message)).catch(() => {}) // gone meanwhile
      given[channel / 2]?.abort(error)
    },
  })
  const over = new AbortController()
  const end = () => {
    over.abort(channels.signal.reason ?? new Error('all that was asked for is over'))
    for (const each of given) each.abort(over.signal.reason)
  }
  channels.signal.addEventListener('abort', end, { once: true })
  if (channels.signal.aborted) end()
  void Promise.all(
    ports.map((port, index) => forward(connectionOf(channels, { port, number: 2 * index, signal: given[index]?.signal ?? over.signal }))),
  ).then(end)
  return { signal: over.signal, finish: channels.close }
}

type Forwarded = { readonly port: number; readonly number: number; readonly signal: AbortSignal }

function connectionOf({ input, send }: ChannelSocket, { port, number, signal }: Forwarded): ForwardedConnection {
  const say = (channel: number, bytes: Uint8Array) => void send(channel, bytes).catch(() => {}) // gone meanwhile
  const head = Uint8Array.of(port & 0xff, port >>> 8)
  say(number, head)
  say(number + 1, head)
  const end = () => input(number).end()
  return {
    port,
    signal,
    data: { write: (bytes) => send(number, bytes), end, [Symbol.asyncIterator]: () => input(number)[Symbol.asyncIterator]() },
    fail(message) {
      say(number + 1, Buffer.from(message))
      end()
    },
    reset() {
      say(number + 1, Buffer.from(`the pod broke the connection to port ${port} off`))
      end()
    },
  }
}
