import { once } from 'node:events'
import type { Socket } from 'node:net'
import { pump } from '@bramble/shared/streams/pump.ts'
import { channels, type NodeStream, type StreamChannel } from '@bramble/shared/streams/node-stream.ts'

/** Gives on what a connected socket and the hub say to each other until both have said all. Rejects when either breaks; whoever made the socket closes it. */
export async function joinSocket(socket: Socket, stream: NodeStream): Promise<void> {
  const channel = stream.channel(channels.stdin)
  await Promise.all([toHub(socket, channel), toPod(channel, socket, stream.signal)])
}

async function toHub(socket: Socket, channel: StreamChannel): Promise<void> {
  await pump(socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>, channel) // a socket without an encoding
}

async function toPod(channel: StreamChannel, socket: Socket, signal: AbortSignal): Promise<void> {
  for await (const bytes of channel) if (!socket.write(bytes)) await once(socket, 'drain', { signal })
  socket.end()
}
