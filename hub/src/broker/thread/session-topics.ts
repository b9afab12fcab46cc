import { controlDown } from '@bramble/shared/mqtt/topics/control-down.ts'
import { topicBytes } from '@bramble/shared/mqtt/write-message.ts'
import { controlUp } from '@bramble/shared/mqtt/topics/control-up.ts'

/** The two topics of a session, as they stand in its packets. */
export type SessionTopics = { readonly up: string; readonly down: Buffer }

export function sessionTopics(node: string, session: string): SessionTopics {
  return { up: controlUp.with({ node, session }), down: topicBytes(controlDown.with({ node, session })) }
}
