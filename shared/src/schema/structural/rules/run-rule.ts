import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../../../api/api-error.ts'
import { Budget, OutOfBudget } from '../../../cel/budget.ts'
import { celLimits } from '../../../cel/limits.ts'
import type { Program } from '../../../cel/program.ts'
import { Fault, type Value } from '../../../cel/values.ts'
import type { JsonSchema } from '../json-schema.ts'
import { noField } from '../paths.ts'
import type { CompiledRule } from './rule-tree.ts'
import type { ValidationRule } from './validation-rule.ts'

/** What all rules of an object may still cost together. */
export type Purse = { left: number }

/** No further rule is looked at: the budget is spent. */
export class RulesStopped extends Error {
  readonly error: FieldError

  constructor(error: FieldError) {
    super(error.message)
    this.error = error
  }
}

export type RuleSpot = { readonly path: string; readonly schema: JsonSchema }

/** What is wrong, if a rule does not hold. `values` are those of `self` and `oldSelf`. Throws `RulesStopped`. */
export function runRule(
  compiled: CompiledRule,
  values: readonly (Value | undefined)[],
  { path, schema }: RuleSpot,
  purse: Purse,
): FieldError | undefined {
  const { rule, program } = compiled
  const type = schema.type ?? ''
  const at = path === '' ? noField : path
  const stop = (why: string): never => {
    throw new RulesStopped(fieldInvalid(at, type, why))
  }
  if (purse.left <= 0) stop(spent)
  const result = evaluate(program, values, purse)
  if (result === 'too dear')
    return stop(
      purse.left < celLimits.perCall
        ? spent
        : `'${cancelled}': no further validation rules will be run due to call cost exceeds limit for rule: ${nameOf(rule)}`,
    )
  if (result === true) return undefined
  if (result instanceof Fault) {
    const { message } = result
    return fieldInvalid(
      at,
      type,
      message.startsWith('no such overload')
        ? `'${message}': ${mismatched}: ${nameOf(rule)}`
        : `${message} evaluating rule: ${nameOf(rule)}`,
    )
  }
  const field = `${path}${compiled.fieldPath}`.replace(/^\./, '')
  return errorOf(rule, { field: field === '' ? noField : field, type }, messageOf(compiled, values, purse, stop))
}

const spent = 'validation failed due to running out of cost budget, no further validation rules will be run'
const cancelled = 'operation cancelled: actual cost limit exceeded'
const mismatched = 'call arguments did not match a supported operator, function or macro signature for rule'

function evaluate(program: Program, values: readonly (Value | undefined)[], purse: Purse): Value | 'too dear' {
  const budget = new Budget(Math.min(celLimits.perCall, purse.left))
  const before = budget.left
  try {
    const result = program.evaluate(values, budget)
    purse.left -= before - budget.left
    return result
  } catch (error) {
    if (error instanceof OutOfBudget) return 'too dear'
    throw error
  }
}

/** What the sender is told: what the rule's own expression says, if it can be evaluated; else its message, else the rule. */
function messageOf(
  { rule, message }: CompiledRule,
  values: readonly (Value | undefined)[],
  purse: Purse,
  stop: (why: string) => never,
): string {
  const own = rule.message?.trim() ?? ''
  const fallback = own === '' ? `failed rule: ${nameOf(rule)}` : own
  if (message === undefined) return fallback
  const result = evaluate(message, values, purse)
  if (result === 'too dear')
    return stop(
      purse.left < celLimits.perCall
        ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
        : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`,
    )
  const text = typeof result === 'string' ? result.trim() : ''
  return text === '' || text.length > celLimits.messageLength || text.includes('\n') ? fallback : text
}

const nameOf = ({ rule, message = '' }: ValidationRule): string => (message === '' ? rule.trim() : message.trim())

function errorOf(
  { reason }: ValidationRule,
  { field, type }: { readonly field: string; readonly type: string },
  detail: string,
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return fieldForbidden(field, detail)
    case 'FieldValueRequired':
      return fieldRequired(field, detail)
    case 'FieldValueDuplicate':
      return fieldDuplicate(field, type)
    default:
      return fieldInvalid(field, type, detail)
  }
}
