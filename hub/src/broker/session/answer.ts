import { ApiError, type StatusReason } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { codeOf, failure, toldOf } from '@bramble/shared/api/api-status.ts'
import { discard } from '@bramble/shared/api/discard.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { Content } from '@bramble/shared/frames/frame.ts'
import { maxMessageBytes } from '@bramble/shared/frames/limits.ts'
import { isLargerThan } from '@bramble/shared/api/object-size.ts'

/** What goes into a `res` frame. Text of the store is kept as the text it is, shared with the store. */
export type Answer = { readonly status: number; readonly body: Content; readonly isDeflated?: boolean }

/** Half of what a node takes, so that one long answer and one event that are under way together fit. */
export const maxAnswerBytes = maxMessageBytes.down / 2

export const refusal = (reason: StatusReason, message: string): Answer => refusalOf(new ApiError(reason, message))

export const refusalOf = (thrown: unknown): Answer => {
  const told = toldOf(thrown)
  return { status: codeOf(told.reason), body: JSON.stringify(failure(told)) }
}

export const answerOf = (response: ApiResponse): Answer => {
  switch (response.type) {
    case 'object':
      return fitting({ status: response.status, body: exactJson(response.object) })
    case 'raw':
      return fitting({ status: response.status, body: response.raw, ...(response.isDeflated === true && { isDeflated: true }) })
    case 'events':
    case 'stream':
    case 'upgrade':
      discard(response)
      return refusal('BadRequest', 'this answer is a stream: ask for it with a watch or read frame')
    default:
      return response satisfies never
  }
}

/** An answer that is larger than a message would end the node's session; its asker can do better. */
const fitting = (answer: Answer): Answer => {
  const { body } = answer
  const fits = typeof body === 'string' ? !isLargerThan(body, maxAnswerBytes) : body.length <= maxAnswerBytes
  return fits
    ? answer
    : refusal('RequestEntityTooLarge', `the answer has more than ${maxAnswerBytes} bytes: ask for it in pages, with a limit`)
}
