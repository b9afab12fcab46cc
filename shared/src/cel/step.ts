import type { Budget } from './budget.ts'
import type { Value } from './values.ts'

/** An evaluation: what names stand for, by their slots, and what it may still cost. */
export type Run = { readonly slots: Value[]; readonly budget: Budget }

/** A part of an expression, ready to be evaluated. It pays for itself. */
export type Step = (run: Run) => Value
