import { HoldUp } from '@bramble/shared/streams/hold-up.ts'
import { Inlet } from '@bramble/shared/streams/inlet.ts'
import { outletOf } from '@bramble/shared/streams/outlet.ts'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { beat } from './beat.ts'
import { wordingOf } from './wording.ts'

export type ChannelSocketDeps = {
  readonly socket: WebSocket
  /** Below it: who writes looks here whether there is room. */
  readonly connection: Duplex
  readonly protocol: string
  /** Those that the caller may write to. Bytes on any other are thrown away. */
  readonly inputs: readonly number[]
  /** Each input is a user of its own, of whom one that is not read must not hold up the others for ever: that one is given up, and ends here (`hold-up.ts`). */
  readonly onStuck?: (channel: number, error: Error) => void
  /** What a message is to the channel that it names, where that is not its bytes as they are; undefined: nothing. */
  readonly read?: (channel: number, bytes: Uint8Array) => Uint8Array | undefined
}

/** The numbered channels of one of the `channel.k8s.io` protocols, in messages of a WebSocket. */
export type ChannelSocket = {
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal
  input(number: number): Inlet
  /** Resolves when there is room for more. */
  send(number: number, bytes: Uint8Array): Promise<void>
  /** Says goodbye, after all that was sent. */
  close(): Promise<void>
}

/** What may wait of one input; beyond it the connection is not read. */
const inletBytes = 128 * 1024
/** Until the caller has said that it, too, is done. */
const goodbyeMs = 2000

export function channelSocket({ socket, connection, protocol, inputs, read, onStuck }: ChannelSocketDeps): ChannelSocket {
  const gone = new AbortController()
  const wording = wordingOf(protocol)
  const inlets = new Map(inputs.map((number) => [number, new Inlet(inletBytes)]))
  const holdUp = onStuck && new HoldUp({ inlets: () => inlets.values(), isShared: () => inlets.size > 1 })
  const stopBeat = beat(socket)
  const over = () => {
    stopBeat()
    const error = new Error('the caller has gone')
    gone.abort(error)
    outlet.end(error)
    for (const inlet of inlets.values()) inlet.fail(error)
  }
  socket.on('close', over)
  socket.on('error', () => socket.terminate()) // what it sent was no WebSocket; the library has told it
  if (socket.readyState > socket.OPEN) over()

  const take = (message: Buffer): void => {
    const said = wording.decode(message)
    if (said === undefined) return
    const { channel, bytes } = said
    const meant = read === undefined ? bytes : read(channel, bytes)
    const inlet = inlets.get(channel)
    if (inlet === undefined || meant === undefined) return
    inlet.push(meant)
    if (!inlet.isFull || socket.isPaused) return
    const room =
      holdUp === undefined
        ? inlet.room()
        : holdUp.after(inlet, (error) => {
            inlet.fail(error)
            onStuck?.(channel, error)
          })
    if (room === undefined) return
    socket.pause()
    void room.then(() => socket.resume())
  }
  socket.on('message', (data: Buffer) => take(data)) // in one piece, unless one asks for more

  const outlet = outletOf(connection)
  return {
    signal: gone.signal,
    input: (number) => inlets.get(number) ?? new Inlet(0),
    async send(number, bytes) {
      if (gone.signal.aborted) throw gone.signal.reason
      socket.send(wording.encode(number, bytes))
      await outlet.room()
    },
    async close() {
      if (gone.signal.aborted) return
      const closed = once(socket, 'close')
      socket.resume()
      socket.close(1000)
      const timer = setTimeout(() => socket.terminate(), goodbyeMs)
      await closed.finally(() => clearTimeout(timer))
    },
  }
}
