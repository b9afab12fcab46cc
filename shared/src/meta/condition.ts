import type * as z from 'zod'
import { f, message, opt } from '../types/field.ts'
import { conditionStatus, int64, textOrEmpty, time } from '../types/scalars.ts'

export const condition = message('meta/v1.Condition', {
  type: f(1, textOrEmpty),
  status: f(2, conditionStatus),
  observedGeneration: opt(3, int64),
  lastTransitionTime: opt(4, time, { byValue: true }),
  reason: f(5, textOrEmpty),
  message: f(6, textOrEmpty),
})
export type Condition = z.infer<typeof condition>
