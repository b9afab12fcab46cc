import { ApiError } from '@bramble/shared/api-error.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/log.ts'
import { messageOf } from '@bramble/shared/service.ts'
import type { JoinAnswer } from '@bramble/shared/topics/join-answer.ts'
import { joinQuestionSchema } from '@bramble/shared/topics/join-question.ts'

/** Checks a join token and signs the CSR; refuses with an `ApiError`. */
export type Enroll = (request: { token: string; csrPem: string; node: string }) => Promise<{ certificatePem: string; caPem: string }>

// Guessing a token must be slow, and a rack that is switched on at once must get in: a burst, then a few a second.
const burst = 32
const perSecond = 4
const maxQuestionBytes = 16 * 1024

/** Answers join questions; never throws, never more than the rate allows. */
export function createJoinDesk({ enroll, clock, log }: { readonly enroll: Enroll; readonly clock: Clock; readonly log: Log }) {
  let allowance = burst
  let at = clock.monotonic()

  const admit = () => {
    const now = clock.monotonic()
    allowance = Math.min(burst, allowance + ((now - at) / 1000) * perSecond)
    at = now
    if (allowance < 1) throw new ApiError('TooManyRequests', 'too many nodes are joining, try again in a few seconds')
    allowance -= 1
  }

  const parse = (payload: Uint8Array) => {
    if (payload.length > maxQuestionBytes) throw new ApiError('RequestEntityTooLarge', `a join question may have ${maxQuestionBytes} bytes`)
    try {
      return joinQuestionSchema.parse(JSON.parse(Buffer.from(payload).toString()))
    } catch (cause) {
      throw new ApiError('BadRequest', 'a join question has token, csr and node', {}, { cause })
    }
  }

  return {
    async ask(payload: Uint8Array): Promise<string> {
      try {
        admit()
        const { token, csr, node } = parse(payload)
        const answer: JoinAnswer = await enroll({ token, csrPem: csr, node })
        log.info({ node }, 'node joined')
        return JSON.stringify(answer)
      } catch (error) {
        const reason = error instanceof ApiError ? error.reason : 'InternalError'
        log.warn({ reason, error: messageOf(error) }, 'join refused')
        return JSON.stringify({ status: { reason, message: messageOf(error) } } satisfies JoinAnswer)
      }
    },
  }
}
