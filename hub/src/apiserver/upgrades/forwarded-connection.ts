import type { StreamChannel } from '@bramble/shared/streams/node-stream.ts'

/** A connection to a port of a pod that a caller wants, in whatever protocol. */
export type ForwardedConnection = {
  readonly port: number
  /** What goes to the pod and comes from it. Its end is all that the pod says, and that nothing went wrong. */
  readonly data: StreamChannel
  /** Ends it with the reason why. */
  fail(message: string): void
  /** Breaks it off, as the pod did: nothing else went wrong. */
  reset(): void
  /** Aborts when the caller has given it up. */
  readonly signal: AbortSignal
}

/** Whoever forwards ports, at the other end of a connection. */
export type PortSession = {
  /** Aborts when the caller has gone, or has nothing more to ask for. */
  readonly signal: AbortSignal
  /** Says goodbye after all that was written, and closes the connection. */
  finish(): Promise<void>
}

/** Given each connection when it is asked for; resolves when that is over. */
export type Forward = (connection: ForwardedConnection) => Promise<void>
