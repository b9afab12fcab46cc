import type * as z from 'zod'
import { f, message, oneOf, opt } from './field.ts'
import { int64, text, time } from './scalars.ts'

export const taint = message('Taint', {
  key: f(1, text),
  value: opt(2, text),
  effect: f(3, oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule')),
  timeAdded: opt(4, time),
})
export type Taint = z.infer<typeof taint>

export const toleration = message('Toleration', {
  key: opt(1, text),
  operator: opt(2, oneOf('Equal', 'Exists')),
  value: opt(3, text),
  effect: opt(4, oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule')),
  tolerationSeconds: opt(5, int64, { ptr: true }),
})
export type Toleration = z.infer<typeof toleration>
