import { controlDown } from '@bramble/shared/mqtt/topics/control-down.ts'
import { controlUp } from '@bramble/shared/mqtt/topics/control-up.ts'

/** The two topics of a session, as they stand in its packets. */
export type SessionTopics = { readonly up: string; readonly down: Buffer }

export function sessionTopics(node: string, session: string): SessionTopics {
  const down = Buffer.from(controlDown.with({ node, session }))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(down.length)
  return { up: controlUp.with({ node, session }), down: Buffer.concat([length, down]) }
}
