import type { StreamChannel } from '@bramble/shared/streams/node-stream.ts'
import type { StreamStatus } from '@bramble/shared/streams/stream-status.ts'

/** Whoever asked for a command, at the other end of a connection, in whatever protocol: the same channels as a node has of it. */
export type RemoteSide = {
  /** By the numbers of `channels`; each is read or written, and holds up its writer when it is not read. */
  channel(number: number): StreamChannel
  /** Tells how it ended, after all that was written, and closes the connection. */
  finish(status: StreamStatus): Promise<void>
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal
}
