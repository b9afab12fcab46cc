import { createAllowance } from '@bramble/shared/limits/allowance.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { toldOf } from '@bramble/shared/api/api-status.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { createCountedLog } from '@bramble/shared/logging/counted-log.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import type { JoinAnswer } from '@bramble/shared/mqtt/topics/join-answer.ts'
import { joinQuestionSchema } from '@bramble/shared/mqtt/topics/join-question.ts'

/** Checks a join token and signs the CSR; refuses with an `ApiError`. */
export type Enroll = (request: {
  token: string
  csrPem: string
  node: string
}) => Promise<{ certificatePem: string; caPem: string; hubTime?: number }>

// Guessing a token must be slow, and a rack that is switched on at once must get in: a burst, then a few a second, for each token.
const burst = 32
const perSecond = 4
// What is looked at in the same moment, of all tokens: a look takes milliseconds.
const maxAtOnce = 64
const maxQuestionBytes = 16 * 1024
const tokenForm = /^([a-z0-9]{6})\.[a-z0-9]{16}(\.[0-9a-f]{64})?$/

/**
 * Answers join questions; never throws, never more than the rate allows. The rate is of each token's public part: who guesses wears
 * out what is guessed at, and junk wears out nothing that an honest board needs, from whatever address both come.
 */
export function createJoinDesk({ enroll, clock, log }: { readonly enroll: Enroll; readonly clock: Clock; readonly log: Log }) {
  const rate = createAllowance({ clock, burst, perSecond })
  const counted = createCountedLog({ log, clock })
  let atOnce = 0

  const admit = (tokenId: string) => {
    if (!rate.take(tokenId) || atOnce >= maxAtOnce)
      throw new ApiError('TooManyRequests', 'too many nodes are joining, try again in a few seconds')
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
    async ask(payload: Uint8Array, address = ''): Promise<string> {
      try {
        const { token, csr, node } = parse(payload)
        admit(tokenForm.exec(token.trim())?.[1] ?? '')
        atOnce += 1
        try {
          const { certificatePem, caPem, hubTime } = await enroll({ token, csrPem: csr, node })
          const answer: JoinAnswer = { certificatePem, caPem, ...(hubTime !== undefined && { hubTime: Math.trunc(hubTime) }) }
          log.info({ node, address }, 'node joined')
          return JSON.stringify(answer)
        } finally {
          atOnce -= 1
        }
      } catch (error) {
        const { reason, message } = toldOf(error)
        counted.warn(`${address} ${reason}`, { reason, address, error: shownText(messageOf(error), 400) }, 'join refused')
        return JSON.stringify({ status: { reason, message } } satisfies JoinAnswer)
      }
    },
  }
}
