import type { Account } from '@bramble/shared/api/api-request.ts'
import type { Content } from '@bramble/shared/frames/frame.ts'
import type { DownMessage } from '@bramble/shared/frames/headers.ts'
import type { MessageQueue } from '@bramble/shared/frames/message-queue.ts'
import type { Sender } from '@bramble/shared/frames/sender.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Ask } from './ask.ts'
import type { Seats, Works } from './works.ts'

/** What the parts of one session have in common. */
export type SessionParts = {
  readonly node: string
  /** Whose limits hold, at this door and behind it. */
  readonly account: Account
  readonly ask: Ask
  readonly works: Works
  readonly seats: Seats
  readonly sender: Sender<DownMessage>
  /** What is longer than `shortBytes` goes here, and not ahead of everything. */
  readonly long: MessageQueue<DownMessage>
  readonly say: (message: DownMessage, body?: Content) => void
  /** Runs outside of `receive`: what cannot be sent ends the session. */
  readonly guard: (act: () => void) => void
  /** Whether the node takes what is deflated; known once it has said hello. */
  readonly takesDeflated: () => boolean
  readonly log: Log
}

/** A longer message is bulk: the windows hold dozens of short ones. */
export const shortBytes = 16 * 1024
