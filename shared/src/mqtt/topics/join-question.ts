import * as z from 'zod/mini'
import { defineTopic, hubOnly, ownJoin } from '../topic.ts'

/** Someone without a certificate asks for one. The token proves who sent the machine here, the CSR that it holds the key. */
export const joinQuestionSchema = z.object({
  token: z.string().check(z.maxLength(512)),
  csr: z.string().check(z.maxLength(8192)),
  node: z.string().check(z.maxLength(253)),
})
export type JoinQuestion = z.infer<typeof joinQuestionSchema>

export const joinQuestion = defineTopic({
  pattern: '$bramble/v1/join/{id}/q',
  description: 'A join token and a certificate signing request.',
  mayPublish: ownJoin,
  maySubscribe: hubOnly,
  qos: 1,
  retained: false,
  payload: joinQuestionSchema,
})
