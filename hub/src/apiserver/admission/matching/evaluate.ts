import type { Expression } from '@bramble/shared/cel/admission/compile.ts'
import type { VariableName } from '@bramble/shared/cel/admission/environment.ts'
import { Budget, OutOfBudget } from '@bramble/shared/cel/budget.ts'
import { celLimits } from '@bramble/shared/cel/limits.ts'
import { Fault, type Value } from '@bramble/shared/cel/values.ts'

/** What expressions may still cost together. */
export type Purse = { left: number }

/** No further expression is looked at. */
export class Spent extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
  }
}

export type Outcome = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly why: string }
export type ValueOf = (name: VariableName) => Value | undefined

/** The value of an expression, or why it has none. Throws `Spent`. */
export function evaluate(expression: Expression, valueOf: ValueOf, purse: Purse): Outcome {
  if (!expression.ok) return { ok: false, why: `compilation error: ${expression.why}` }
  const value = valueWithin(expression, valueOf, purse)
  return value instanceof Fault
    ? { ok: false, why: `expression '${expression.source}' resulted in error: ${value.message}` }
    : { ok: true, value }
}

/** The same for who tells of a fault himself. */
export function valueWithin({ program, slots }: Expression & { readonly ok: true }, valueOf: ValueOf, purse: Purse): Value {
  if (purse.left < 0) throw new Spent()
  const most = Math.min(celLimits.perCall, purse.left)
  const budget = new Budget(most)
  const values = slots.map((name) => (program.uses(name) ? valueOf(name) : undefined))
  try {
    const value = program.evaluate(values, budget)
    purse.left -= most - budget.left
    if (purse.left < 0) throw new Spent() // variables took from it as well
    return value
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error
    purse.left -= most
    if (most < celLimits.perCall || purse.left < 0) throw new Spent()
    return new Fault('operation cancelled: actual cost limit exceeded')
  }
}
