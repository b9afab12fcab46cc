import { TokenBucket } from '@bramble/shared/limits/token-bucket.ts'
import type { Client } from 'aedes'
import type { identityOf } from './identity-of.ts'

/** Who may be let in. */
export type ClientIdentity = Exclude<ReturnType<typeof identityOf>, { type: 'refused' }>

/** One client of the broker, from its CONNECT on. */
export type Connection = {
  readonly id: number
  readonly identity: ClientIdentity
  readonly client: Client
  session: string | undefined
  /** The one public topic this connection speaks on, so that a node cannot fill the broker with retained ones. */
  availability: string | undefined
  /** Bytes handed to the gateway that it has not dealt with; while too many, the client's next packets wait in its socket. */
  unread: number
  waiting: (() => void)[]
  /** The pace at which its frames are read. */
  readonly pace: TokenBucket
  /** What it has sent beside frames, in its life: subscriptions, their ends, availability. */
  requests: number
  /** Lets it in or refuses it, once: a node waits for the gateway's word. */
  admit: ((refusal: string | undefined) => void) | undefined
  hasAsked: boolean
}

// A busy node says some dozen things a second. Who says more is read more slowly, and nothing is lost; the bytes of streams, which are bounded by
// what the hub has asked for, are free when their frames are full.
const framePace = { burst: 2000, perSecond: 500 }

type Come = Pick<Connection, 'id' | 'identity' | 'client' | 'availability'>

export const connectionOf = (come: Come): Connection => ({
  ...come,
  session: undefined,
  unread: 0,
  waiting: [],
  pace: new TokenBucket(framePace, performance.now()),
  requests: 0,
  admit: undefined,
  hasAsked: false,
})
