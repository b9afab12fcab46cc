import * as z from 'zod'
import { message, oneOf, opt } from './field.ts'
import { bool, int64, text } from './scalars.ts'

export const preconditions = message('meta/v1.Preconditions', {
  uid: opt(1, text),
  resourceVersion: opt(2, text),
})
export type Preconditions = z.infer<typeof preconditions>

export const deleteOptions = message('meta/v1.DeleteOptions', {
  apiVersion: text.optional(),
  kind: text.optional(),
  gracePeriodSeconds: opt(1, int64),
  preconditions: opt(2, preconditions),
  orphanDependents: opt(3, bool),
  propagationPolicy: opt(4, oneOf('Background', 'Foreground', 'Orphan')),
  dryRun: opt(5, z.array(text), { list: 'atomic' }),
})
export type DeleteOptions = z.infer<typeof deleteOptions>
