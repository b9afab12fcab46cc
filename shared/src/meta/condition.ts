import type * as z from 'zod'
import { f, message, oneOf, opt } from '../types/field.ts'
import { formatTime } from './time.ts'
import { int64, text, textOrEmpty, time } from '../types/scalars.ts'

export const condition = message('meta/v1.Condition', {
  type: f(1, text),
  status: f(2, oneOf('False', 'True', 'Unknown')),
  observedGeneration: opt(3, int64),
  lastTransitionTime: opt(4, time),
  reason: f(5, textOrEmpty),
  message: f(6, textOrEmpty),
})
export type Condition = z.infer<typeof condition>

type AnyCondition = { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }

/**
 * The conditions with `wanted` in them. `lastTransitionTime` moves only when the status changes; the same array comes back when
 * nothing would change, so that a caller can skip the write.
 */
export function setCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, wanted: C, now: Date): C[] {
  const seen = conditions?.find(({ type }) => type === wanted.type)
  const isSame = seen !== undefined && seen.status === wanted.status && seen.reason === wanted.reason && seen.message === wanted.message
  if (isSame) return conditions as C[] // found in it, so it is there
  const lastTransitionTime = seen?.status === wanted.status ? seen.lastTransitionTime : (wanted.lastTransitionTime ?? formatTime(now))
  const next: C = { ...seen, ...wanted, lastTransitionTime }
  if (seen === undefined) return [...(conditions ?? []), next]
  return (conditions ?? []).map((condition) => (condition === seen ? next : condition))
}

export const findCondition = <C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type)

export const isConditionTrue = (conditions: readonly { type: string; status: string }[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True'
