import { HoldUp } from '@bramble/shared/streams/hold-up.ts'
import { Inlet } from '@bramble/shared/streams/inlet.ts'
import { outletOf } from '@bramble/shared/streams/outlet.ts'
import type { Duplex } from 'node:stream'
import { beat } from './beat.ts'
import type { Piece } from './message-reader.ts'
import { ServerSocket } from './server-socket.ts'
import { type Part, wordingOf } from './wording.ts'

export type ChannelSocketDeps = {
  /** Of which the handshake is done. */
  readonly connection: Duplex
  readonly protocol: string
  /** Those that the caller may write to. Bytes on any other are thrown away. */
  readonly inputs: readonly number[]
  /** Each input is a user of its own, of whom one that is not read must not hold up the others for ever: that one is given up, and ends here (`hold-up.ts`). */
  readonly onStuck?: (channel: number, error: Error) => void
  /** What a part of a message is to the channel that it names, where that is not its bytes as they are; undefined: nothing. */
  readonly read?: (part: Part) => Uint8Array | undefined
}

/**
 * The numbered channels of one of the `channel.k8s.io` protocols, in messages of a WebSocket. A message may be as long as its sender likes: it is given on as it
 * comes.
 */
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

export function channelSocket({ connection, protocol, inputs, read, onStuck }: ChannelSocketDeps): ChannelSocket {
  const gone = new AbortController()
  const wording = wordingOf(protocol)
  const partOf = wording.reader()
  const inlets = new Map(inputs.map((number) => [number, new Inlet(inletBytes)]))
  const holdUp = onStuck && new HoldUp({ inlets: () => inlets.values(), isShared: () => inlets.size > 1 })
  const outlet = outletOf(connection)
  let closed = () => {}
  const over = () => {
    stopBeat()
    const error = new Error('the caller has gone')
    gone.abort(error)
    outlet.end(error)
    for (const inlet of inlets.values()) inlet.fail(error)
    closed()
  }
  const take = (piece: Piece): void => {
    const part = partOf(piece)
    if (part === undefined) return
    const { channel } = part
    const meant = read === undefined ? part.bytes : read(part)
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
  const socket = new ServerSocket({ connection, onPiece: take, onOver: over })
  const stopBeat = beat(socket)

  return {
    signal: gone.signal,
    input: (number) => inlets.get(number) ?? new Inlet(0),
    async send(number, bytes) {
      if (gone.signal.aborted) throw gone.signal.reason
      socket.send(wording.encode(number, bytes), wording)
      await outlet.room()
    },
    async close() {
      if (gone.signal.aborted) return
      const isOver = new Promise<void>((resolve) => (closed = resolve))
      socket.resume()
      socket.close()
      const timer = setTimeout(() => socket.terminate(), goodbyeMs)
      await isOver.finally(() => clearTimeout(timer))
    },
  }
}
