import { Inlet } from '@bramble/shared/streams/inlet.ts'
import { channels, type StreamChannel } from '@bramble/shared/streams/node-stream.ts'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { RemoteSide } from '../remote-side.ts'
import { statusText } from '../status-text.ts'
import { wordingOf } from './wording.ts'

export type CommandSocketDeps = {
  readonly socket: WebSocket
  /** Below it: who writes looks here whether there is room. */
  readonly connection: Duplex
  readonly protocol: string
  /** Those that the caller may write to. Bytes on any other are thrown away. */
  readonly inputs: readonly number[]
  /** Those that it reads. */
  readonly outputs: readonly number[]
}

/** What may wait of one input; beyond it the connection is not read. */
const inletBytes = 128 * 1024
/** Names a channel, behind it, of which no more comes: only the fifth version has it. */
const closeChannel = 255
/** A proxy between us forgets who says nothing for a minute. */
const pingMs = 30_000
/** Until the caller has said that it, too, is done. */
const goodbyeMs = 2000

/** A caller that speaks one of the `channel.k8s.io` protocols in messages of a WebSocket. */
export function commandSocket({ socket, connection, protocol, inputs, outputs }: CommandSocketDeps): RemoteSide {
  const gone = new AbortController()
  const wording = wordingOf(protocol)
  const inlets = new Map(inputs.map((number) => [number, new Inlet(inletBytes)]))
  const pinging = setInterval(() => socket.ping(), pingMs)
  const over = () => {
    clearInterval(pinging)
    const error = new Error('the caller has gone')
    gone.abort(error)
    for (const inlet of inlets.values()) inlet.fail(error)
  }
  socket.on('close', over)
  socket.on('error', () => socket.terminate()) // what it sent was no WebSocket; the library has told it
  if (socket.readyState > socket.OPEN) over()

  const take = (message: Buffer): void => {
    const said = wording.decode(message)
    if (said === undefined) return
    const { channel, bytes } = said
    if (channel === closeChannel && protocol.startsWith('v5.')) return inlets.get(bytes[0] ?? -1)?.end()
    const inlet = inlets.get(channel)
    if (inlet === undefined) return
    inlet.push(channel === channels.resize ? Buffer.concat([bytes, lineEnd]) : bytes)
    if (!inlet.isFull || socket.isPaused) return
    socket.pause()
    void inlet.room().then(() => socket.resume())
  }
  socket.on('message', (data: Buffer) => take(data)) // in one piece, unless one asks for more

  const send = async (number: number, bytes: Uint8Array): Promise<void> => {
    if (gone.signal.aborted) throw gone.signal.reason
    socket.send(wording.encode(number, bytes))
    if (connection.writableNeedDrain) await once(connection, 'drain', { signal: gone.signal })
  }
  // By an empty message, callers of before know that they are connected.
  if (outputs[0] !== undefined) socket.send(wording.encode(outputs[0], new Uint8Array()))

  return {
    signal: gone.signal,
    channel: (number): StreamChannel => ({
      write: (bytes) => send(number, bytes),
      end: () => {}, // the connection's end is that of all outputs
      [Symbol.asyncIterator]: () => (inlets.get(number) ?? new Inlet(0))[Symbol.asyncIterator](),
    }),
    async finish(status) {
      if (gone.signal.aborted) return
      const closed = once(socket, 'close')
      const text = statusText(protocol, status)
      if (text !== '') await send(channels.error, Buffer.from(text)).catch(() => {}) // gone meanwhile
      socket.resume()
      socket.close(1000)
      const timer = setTimeout(() => socket.terminate(), goodbyeMs)
      await closed.finally(() => clearTimeout(timer))
    },
  }
}

const lineEnd = Buffer.from('\n')
