import { type Compiled, compilePattern } from '../../schema/structural/pattern.ts'
import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { CelList, Fault, type Value } from '../values.ts'

export const patterns = (): readonly Overload[] => [
  define('string.matches(string) bool', matches),
  define('matches(string, string) bool', matches),
  define('string.find(string) string', (text, source, budget) => found(text, source, 1, budget, ([first]) => first ?? '')),
  define('string.findAll(string) list<string>', (text, source, budget) => found(text, source, -1, budget, (all) => new CelList(all))),
  define('string.findAll(string, int) list<string>', (text, source, most, budget) =>
    found(text, source, Number(most), budget, (all) => new CelList(all)),
  ),
]

/** Patterns that were met last, with what they have learnt: as many as a few rules have. */
const kept = 64
const keptBytes = 128 * 1024

// A memo, not state: a pattern is the same wherever it comes from. Bounded, the least used first out.
const known = new Map<string, Compiled>()

/** In units, of an instruction of a pattern that is compiled. */
const compileUnits = 25

export function patternOf(source: string, budget?: Budget): Compiled {
  const before = known.get(source)
  if (before !== undefined) {
    known.delete(source)
    known.set(source, before)
    return before
  }
  budget?.pay(source.length)
  const compiled = compilePattern(source, keptBytes)
  budget?.pay(compileUnits * (compiled.ok ? compiled.pattern.size : compiled.size))
  known.set(source, compiled)
  for (const oldest of known.keys()) {
    if (known.size <= kept) break
    known.delete(oldest)
  }
  return compiled
}

/** Of those that the engine counts in: units that one of its steps takes. */
const stepUnits = 5

/** What Kubernetes counts, for the length of the text and of the pattern. */
const payFor = (text: string, source: string, budget: Budget): void =>
  budget.pay(Math.ceil((1 + text.length) * 0.1) * Math.ceil(source.length * 0.25))

const wrong = (why: string) => new Fault(`error parsing regexp: ${why}`)

function matches(text: string, source: string, budget: Budget): Value {
  payFor(text, source, budget)
  const compiled = patternOf(source, budget)
  return compiled.ok ? compiled.pattern.matches(text, (steps) => budget.pay(steps * stepUnits)) : wrong(compiled.why)
}

function found(text: string, source: string, most: number, budget: Budget, make: (all: readonly string[]) => Value): Value {
  payFor(text, source, budget)
  const compiled = patternOf(source, budget)
  return compiled.ok ? make(compiled.pattern.findAll(text, most, (steps) => budget.pay(steps * stepUnits))) : wrong(compiled.why)
}
