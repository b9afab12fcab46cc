import * as z from 'zod/mini'
import { ApiError } from '../api/api-error.ts'
import { failure, success } from '../api/api-status.ts'
import { FrameError } from '../frames/frame.ts'
import { messageOf } from '../process/service.ts'

const text = z.optional(z.string())
const schema = z.object({
  status: z.enum(['Success', 'Failure']),
  message: text,
  reason: text,
  details: z.optional(
    z.object({
      name: text,
      group: text,
      kind: text,
      causes: z.optional(z.array(z.object({ reason: text, message: text, field: text })).check(z.maxLength(100))),
      retryAfterSeconds: z.optional(z.int()),
    }),
  ),
})

// As much as anybody reads; a runtime may have put the output of a command into its error.
const maxMessageLength = 16 * 1024

/** How a stream ended: a Kubernetes `Status`, whose reason may be one that only a stream has (`NonZeroExitCode`). */
export type StreamStatus = z.infer<typeof schema>

export const succeeded: StreamStatus = success({}) as StreamStatus // the same without its head

/** The status for whatever a server of streams threw. */
export const statusOfError = (error: unknown): StreamStatus =>
  failure(error instanceof ApiError ? error : new ApiError('InternalError', messageOf(error))) as StreamStatus // as above

/** From the wire: no body is a good end. */
export function parseStatus(body: Uint8Array | undefined): StreamStatus {
  if (body === undefined) return succeeded
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
  } catch (cause) {
    throw new FrameError('malformed', 'the status of a stream is not JSON', { cause })
  }
  const { data, error } = schema.safeParse(json)
  if (data === undefined) throw new FrameError('malformed', `the status of a stream is wrong: ${error.issues[0]?.message ?? ''}`)
  return { ...data, ...(data.message !== undefined && { message: data.message.slice(0, maxMessageLength) }) }
}
