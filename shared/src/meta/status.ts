import * as z from 'zod'
import { listMeta } from './list-meta.ts'
import { message, opt } from '../types/field.ts'
import { int32, text } from '../types/scalars.ts'

export const statusCause = message('meta/v1.StatusCause', {
  reason: opt(1, text),
  message: opt(2, text),
  field: opt(3, text),
})
export type StatusCause = z.infer<typeof statusCause>

export const statusDetails = message('meta/v1.StatusDetails', {
  name: opt(1, text),
  group: opt(2, text),
  kind: opt(3, text),
  uid: opt(6, text),
  causes: opt(4, z.array(statusCause), { list: 'atomic' }),
  retryAfterSeconds: opt(5, int32),
})
export type StatusDetails = z.infer<typeof statusDetails>

export const status = message('meta/v1.Status', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Status'),
  metadata: opt(1, listMeta),
  status: opt(2, text),
  message: opt(3, text),
  reason: opt(4, text),
  details: opt(5, statusDetails),
  code: opt(6, int32),
})
export type Status = z.infer<typeof status>
