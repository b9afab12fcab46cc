import { TokenBucket } from '@bramble/shared/limits/token-bucket.ts'
import type { Client } from 'aedes'
import type { identityOf } from './identity-of.ts'
import type { ReadGate } from './read-gate.ts'
import type { SessionTopics } from './session-topics.ts'
import { createSilence } from './silence.ts'

/** Who may be let in. */
export type ClientIdentity = Exclude<ReturnType<typeof identityOf>, { type: 'refused' }>

/** One client of the broker, from its CONNECT on. */
export type Connection = {
  readonly id: number
  readonly identity: ClientIdentity
  readonly client: Client
  /** Of the session that it has subscribed to; it has one in its life. */
  topics: SessionTopics | undefined
  /** The one public topic this connection speaks on, so that a node cannot fill the broker with retained ones. */
  availability: string | undefined
  /** Bytes handed to the gateway that it has not dealt with; while too many, what the client says waits in its socket. */
  unread: number
  readonly gate: ReadGate
  readonly isSilent: ReturnType<typeof createSilence>
  /** The pace at which its frames are read. */
  readonly pace: TokenBucket
  /** Set while it is ahead of its pace. */
  ahead: NodeJS.Timeout | undefined
  /** What it has sent beside frames, in its life: subscriptions, their ends, availability. */
  requests: number
  /** Lets it in or refuses it, once: a node waits for the gateway's word. */
  admit: ((refusal: string | undefined) => void) | undefined
  hasAsked: boolean
  /** Why it ends, where that is known. */
  why: string | undefined
}

// A busy node says some dozen things a second. Who says more is read more slowly, and nothing is lost; the bytes of streams, which are bounded by
// what the hub has asked for, are free when their frames are full.
const framePace = { burst: 2000, perSecond: 500 }

type Come = Pick<Connection, 'id' | 'identity' | 'client' | 'availability' | 'gate'> & { readonly keepaliveSeconds: number }

export const connectionOf = ({ keepaliveSeconds, ...come }: Come): Connection => ({
  ...come,
  isSilent: createSilence(keepaliveSeconds),
  topics: undefined,
  unread: 0,
  pace: new TokenBucket(framePace, performance.now()),
  ahead: undefined,
  requests: 0,
  admit: undefined,
  hasAsked: false,
  why: undefined,
})

// Uplink bytes of one node that may wait for the gateway.
const maxUnreadBytes = 1024 * 1024

/** A frame has come. */
export function tookFrame(connection: Connection, bytes: number): void {
  connection.unread += bytes
  const waitMs = connection.pace.takeAhead(performance.now())
  if (waitMs > 0) {
    clearTimeout(connection.ahead)
    connection.ahead = setTimeout(() => {
      connection.ahead = undefined
      readOn(connection)
    }, waitMs).unref()
  }
  readOn(connection)
}

/** The gateway has dealt with so many bytes; `asked`: how much of a frame of them it had asked for. */
export function dealtWith(connection: Connection, bytes: number, asked: number): void {
  connection.unread -= bytes
  connection.pace.giveBack(asked)
  if (connection.ahead !== undefined && connection.pace.readyInMs(performance.now(), 0) === 0) {
    clearTimeout(connection.ahead)
    connection.ahead = undefined
  }
  readOn(connection)
}

/** What it says next waits in its socket. */
export const isHeldBack = ({ unread, ahead }: Connection): boolean => unread > maxUnreadBytes || ahead !== undefined

function readOn(connection: Connection): void {
  if (isHeldBack(connection)) connection.gate.shut()
  else connection.gate.open()
}
