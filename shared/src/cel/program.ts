import type { Expr } from './ast.ts'
import type { Budget } from './budget.ts'
import { check, type Typing } from './checker.ts'
import type { Extension } from './extension.ts'
import { programOf } from './evaluate.ts'
import { literalProblems } from './literal-rules.ts'
import { parse } from './parser.ts'
import { type Problem, tellProblem, Unreadable } from './problem.ts'
import { type CelType } from './types.ts'
import type { Value } from './values.ts'

/** An expression that was found good. */
export type Program = {
  readonly expr: Expr
  readonly typings: ReadonlyMap<Expr, Typing>
  readonly type: CelType
  /** Whether it speaks of a variable. */
  uses(variable: string): boolean
  /** With the values of its variables, in the order in which they were declared. A rule that is too dear throws `OutOfBudget`. */
  evaluate(values: readonly (Value | undefined)[], budget: Budget): Value
}

export type CompiledExpression = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly why: string }

/** Reads and checks an expression. What is wrong is told as Kubernetes tells it. */
export function compileExpression(source: string, variables: ReadonlyMap<string, CelType>, extension?: Extension): CompiledExpression {
  try {
    const expr = parse(source)
    const { typings, type, problems } = check(expr, variables, extension)
    const all = problems.length > 0 ? problems : literalProblems(typings)
    return all.length > 0 ? refused(source, all) : { ok: true, program: made(expr, typings, type, variables) }
  } catch (error) {
    if (error instanceof Unreadable) return refused(source, error.problems)
    throw error
  }
}

const refused = (source: string, problems: readonly Problem[]): CompiledExpression => ({
  ok: false,
  why: problems
    .toSorted((a, b) => a.at - b.at)
    .map((problem) => tellProblem(source, problem))
    .join('\n'),
})

function made(expr: Expr, typings: ReadonlyMap<Expr, Typing>, type: CelType, variables: ReadonlyMap<string, CelType>): Program {
  const names = new Map([...variables.keys()].map((name, slot) => [name, slot]))
  const step = programOf(expr, typings, { names, next: names.size })
  const used = new Set([...typings].flatMap(([part, { variable }]) => variable ?? (part.tag === 'ident' ? [part.name] : [])))
  return {
    ...{ expr, typings, type },
    uses: (variable) => used.has(variable),
    evaluate: (values, budget) => step({ slots: [...values] as Value[], budget }), // what has no value is missed where it is read
  }
}
