import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { PolicyExpressions } from '@bramble/shared/cel/admission/policy.ts'
import { celLimits } from '@bramble/shared/cel/limits.ts'
import { plainValueOf } from '@bramble/shared/cel/plain-values.ts'
import type { Value } from '@bramble/shared/cel/values.ts'
import type { Validation } from '@bramble/shared/types/admission-policy.ts'
import { conditionsMet } from '../matching/conditions.ts'
import { evaluate, type Purse, Spent, type ValueOf } from '../matching/evaluate.ts'
import type { View } from '../matching/scene.ts'
import type { Policy } from './policies.ts'
import { Variables } from './variables.ts'

/** What does not hold; `index`: of which of the validations. */
export type Failure = { readonly message: string; readonly reason?: Validation['reason']; readonly index: number }
export type Decision = {
  readonly failures: readonly Failure[]
  readonly notes: readonly { readonly key: string; readonly text: string }[]
  /** Why something cannot be noted, which refuses the request whatever else its binding does. */
  readonly unnoted: readonly string[]
}

const nothing: Decision = { failures: [], notes: [], unnoted: [] }

/** What a policy says of a request, with one of its parameters. */
export async function decideBy(policy: Policy, view: View, params: object | null): Promise<Decision> {
  const expressions = policy.expressions()
  const purse: Purse = { left: celLimits.forPolicy }
  const valueOf = valuesFor(expressions.variables, view, params, purse)
  const failed = (message: string): Decision =>
    policy.spec.failurePolicy === 'Ignore' ? nothing : { ...nothing, failures: [{ message, index: 0 }] }
  if (expressions.conditions.length > 0) {
    const met = conditionsMet(expressions.conditions, valueOf)
    if (met === false) return nothing
    if (met !== true) return failed(met.error)
  }
  try {
    const failures = await failuresOf(policy, expressions, valueOf, purse)
    return { failures, ...notesOf(policy, expressions, valueOf, purse) }
  } catch (error) {
    if (!(error instanceof Spent)) throw error
    return failed(error.message)
  }
}

/** What names stand for, in one evaluation of a policy. */
export function valuesFor(variables: PolicyExpressions['variables'], view: View, params: object | null, purse: Purse): ValueOf {
  let paramsValue: Value | undefined
  const valueOf: ValueOf = (name) => {
    if (name === 'params') return (paramsValue ??= plainValueOf(params))
    return name === 'variables' ? composed : view.valueOf(name)
  }
  const composed = new Variables(variables, valueOf, purse)
  return valueOf
}

async function failuresOf(
  { spec }: Policy,
  { validations }: PolicyExpressions,
  valueOf: ValueOf,
  purse: Purse,
): Promise<readonly Failure[]> {
  const failures: Failure[] = []
  for (const [index, { holds, message }] of validations.entries()) {
    if (isTurnOver()) await nextTurn()
    const outcome = evaluate(holds, valueOf, purse)
    if (outcome.ok && outcome.value === true) continue
    if (!outcome.ok) {
      if (spec.failurePolicy !== 'Ignore') failures.push({ message: outcome.why, index })
      continue
    }
    const validation = spec.validations?.[index] ?? { expression: '' } // they are of one length
    const said = message === undefined ? '' : saidBy(message, valueOf, purse)
    const own = said === '' ? (validation.message ?? '').trim() : said
    failures.push({ message: own === '' ? `failed expression: ${validation.expression.trim()}` : own, reason: validation.reason, index })
  }
  return failures
}

/** Nothing where it is no message that can be told: then there is another. */
function saidBy(message: PolicyExpressions['annotations'][number], valueOf: ValueOf, purse: Purse): string {
  try {
    const outcome = evaluate(message, valueOf, purse)
    const text = outcome.ok && typeof outcome.value === 'string' ? outcome.value.trim() : ''
    return text.length > celLimits.messageLength || text.includes('\n') ? '' : text
  } catch (error) {
    if (error instanceof Spent) return ''
    throw error
  }
}

const longestNote = 10 * 1024

function notesOf({ name, spec }: Policy, { annotations }: PolicyExpressions, valueOf: ValueOf, purse: Purse) {
  const notes: { key: string; text: string }[] = []
  const unnoted: string[] = []
  for (const [index, expression] of annotations.entries()) {
    const outcome = evaluate(expression, valueOf, purse)
    const key = `${name}/${spec.auditAnnotations?.[index]?.key ?? ''}`
    if (!outcome.ok) {
      if (spec.failurePolicy !== 'Ignore') unnoted.push(outcome.why)
    } else if (typeof outcome.value === 'string' && outcome.value.trim() !== '')
      notes.push({ key, text: outcome.value.trim().slice(0, longestNote) })
  }
  return { notes, unnoted }
}
