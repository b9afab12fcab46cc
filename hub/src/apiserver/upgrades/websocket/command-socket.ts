import { channels, type StreamChannel } from '@bramble/shared/streams/node-stream.ts'
import type { Duplex } from 'node:stream'
import type { RemoteSide } from '../remote-side.ts'
import { statusText } from '../status-text.ts'
import { channelSocket } from './channel-socket.ts'

export type CommandSocketDeps = {
  readonly connection: Duplex
  readonly protocol: string
  /** Those that the caller may write to. */
  readonly inputs: readonly number[]
  /** Those that it reads. */
  readonly outputs: readonly number[]
}

/** Names a channel, behind it, of which no more comes: only the fifth version has it. */
const closeChannel = 255

/** A caller that speaks one of the `channel.k8s.io` protocols of a command in messages of a WebSocket. */
export function commandSocket({ connection, protocol, inputs, outputs }: CommandSocketDeps): RemoteSide {
  const { signal, input, send, close } = channelSocket({
    ...{ connection, protocol, inputs },
    read({ channel, bytes, isLast }) {
      if (channel === closeChannel && protocol.startsWith('v5.')) return void input(bytes[0] ?? -1).end()
      return channel === channels.resize && isLast ? Buffer.concat([bytes, lineEnd]) : bytes
    },
  })
  // By an empty message, callers of before know that they are connected.
  if (outputs[0] !== undefined) void send(outputs[0], new Uint8Array()).catch(() => {}) // gone already
  return {
    signal,
    channel: (number): StreamChannel => ({
      write: (bytes) => send(number, bytes),
      end: () => {}, // the connection's end is that of all outputs
      [Symbol.asyncIterator]: () => input(number)[Symbol.asyncIterator](),
    }),
    async finish(status) {
      const text = statusText(protocol, status)
      if (text !== '') await send(channels.error, Buffer.from(text)).catch(() => {}) // gone meanwhile
      await close()
    },
  }
}

const lineEnd = Buffer.from('\n')
