import type { Expr } from './ast.ts'
import type { Typing } from './checker.ts'
import { patternOf } from './library/patterns.ts'
import { readDuration, readTimestamp } from './library/time-texts.ts'
import type { Problem } from './problem.ts'

/** By the name of a function: whether a text that stands in the expression itself is an argument of it. */
const wanted: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['matches', (text: string) => patternOf(text).ok],
  ['find', (text: string) => patternOf(text).ok],
  ['findAll', (text: string) => patternOf(text).ok],
  ['duration', (text: string) => readDuration(text) !== undefined],
  ['timestamp', (text: string) => readTimestamp(text) !== undefined],
])

/** Of all patterns of an expression together, in characters: what they are compiled to is looked at here at once. */
const patternCharacters = 20_000

/** What could never be evaluated: patterns, durations and times that are none. */
export function literalProblems(typings: ReadonlyMap<Expr, Typing>): readonly Problem[] {
  let left = patternCharacters
  const problems: Problem[] = []
  for (const expr of typings.keys()) {
    if (expr.tag !== 'call') continue
    const isGood = wanted.get(expr.name)
    const [first, second] = expr.args
    const argument = expr.name === 'matches' && expr.target === undefined ? second : first
    if (isGood === undefined || argument?.tag !== 'const' || typeof argument.value !== 'string') continue
    left -= argument.value.length
    if (left < 0 || !isGood(argument.value)) problems.push({ at: argument.at, what: `invalid ${expr.name} argument` })
  }
  return problems
}
