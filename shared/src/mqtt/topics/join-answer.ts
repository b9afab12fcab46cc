import * as z from 'zod/mini'
import { defineTopic, hubOnly, ownJoin } from '../topic.ts'

export const joinAnswerSchema = z.union([
  /** `hubTime`: the hub's clock, in epoch milliseconds. */
  z.object({ certificatePem: z.string(), caPem: z.string(), hubTime: z.optional(z.number()) }),
  /** A Kubernetes `Status`. */
  z.object({ status: z.object({ reason: z.optional(z.string()), message: z.optional(z.string()) }) }),
])
export type JoinAnswer = z.infer<typeof joinAnswerSchema>

export const joinAnswer = defineTopic({
  pattern: '$bramble/v1/join/{id}/a',
  description: 'The certificate and the CA, or why not.',
  mayPublish: hubOnly,
  maySubscribe: ownJoin,
  qos: 1,
  retained: false,
  payload: joinAnswerSchema,
})
