import * as z from 'zod'
import { message, opt } from './field.ts'
import { bool, int64, text } from './scalars.ts'

export const preconditions = message('meta/v1.Preconditions', {
  uid: opt(1, text, { ptr: true }),
  resourceVersion: opt(2, text, { ptr: true }),
})
export type Preconditions = z.infer<typeof preconditions>

export const deleteOptions = message('meta/v1.DeleteOptions', {
  apiVersion: text.optional(),
  kind: text.optional(),
  gracePeriodSeconds: opt(1, int64, { ptr: true }),
  preconditions: opt(2, preconditions),
  orphanDependents: opt(3, bool, { ptr: true }),
  propagationPolicy: opt(4, text, { ptr: true }),
  dryRun: opt(5, z.array(text), { list: 'atomic' }),
})
export type DeleteOptions = z.infer<typeof deleteOptions>
