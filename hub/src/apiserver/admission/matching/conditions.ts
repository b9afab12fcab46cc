import { compileFor, conditionTypes, type Expression } from '@bramble/shared/cel/admission/compile.ts'
import { celLimits } from '@bramble/shared/cel/limits.ts'
import type { MatchCondition } from '@bramble/shared/types/admission-matching.ts'
import { evaluate, Spent, type ValueOf } from './evaluate.ts'

export type Conditions = readonly Expression[]

export const compileConditions = (conditions: readonly MatchCondition[] = [], hasParams: boolean): Conditions =>
  conditions.map(({ expression }) => compileFor(expression, { hasParams, hasAuthorizer: true }, conditionTypes))

/** `false`: one of them is, whatever errors stand beside. */
export type Met = boolean | { readonly error: string }

export function conditionsMet(conditions: Conditions, valueOf: ValueOf): Met {
  const purse = { left: celLimits.forConditions }
  const errors: string[] = []
  try {
    for (const condition of conditions) {
      const outcome = evaluate(condition, valueOf, purse)
      if (!outcome.ok) errors.push(outcome.why)
      else if (outcome.value === false) return false
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error
    return { error: error.message }
  }
  if (errors.length === 0) return true
  return { error: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` }
}
