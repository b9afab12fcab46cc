import { RE2JS } from 're2js'
import { limits } from './limits.ts'

/** A pattern as Kubernetes means it (RE2). */
export type Pattern = {
  readonly source: string
  /** In time that grows with the length of the text and no faster; `pay` is told of it in steps and may throw. */
  matches(text: string, pay: (steps: number) => void): boolean
  /** What of a text it matches, one behind the other, as many as asked for (all, if fewer than none). Paid for like `matches`. */
  findAll(text: string, most: number, pay: (steps: number) => void): readonly string[]
  /** How many instructions it was compiled to. */
  readonly size: number
}

export type Compiled =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly why: string; readonly size: number }

/** A user's pattern never meets JavaScript's own engine, which some patterns keep busy for ever. `bytes` is what it may remember. */
export function compilePattern(source: string, bytes: number = limits.onePatternBytes): Compiled {
  const refused = (why: string, size = 0): Compiled => ({ ok: false, why, size })
  if (source.length > limits.patternLength) return refused(`it is longer than ${limits.patternLength} characters`)
  // Before compiling: what is repeated a thousand times is compiled a thousand times.
  const repeated = [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce((sum, [, least = '', most = '']) => sum + Number(most || least), 0)
  if (repeated > limits.patternRepeats)
    return refused(`its repetitions add up to ${repeated}, of which there may be ${limits.patternRepeats}`)
  const classes = [...source.matchAll(/\\[pP]/g)].length * limits.unicodeClassSize
  if (classes > limits.patternSize)
    return refused(`it has more than ${limits.patternSize / limits.unicodeClassSize} classes of Unicode: write them once, as [\\pL\\pN]`)
  try {
    const compiled = RE2JS.compile(source)
    const size = compiled.programSize() + classes
    if (size > limits.patternSize)
      return refused(`it is too large: ${size} instructions, of which there may be ${limits.patternSize}`, size)
    return { ok: true, pattern: { source, size, matches: matcherOf(compiled, bytes), findAll: finderOf(compiled) } }
  } catch (error) {
    return refused((error as Error).message, source.length) // the library throws only Errors
  }
}

// In steps, as measured: a match to begin with, a character where the engine knows what follows, an instruction of the pattern for each
// character where it does not, and a byte of what it learns.
const matchSteps = 10
const knownSteps = 0.2
const unknownSteps = 0.5
const learntSteps = 0.05

/**
 * The engine builds, as it meets texts, a table of the states that its pattern can be in, and goes by that; where the table outgrows its
 * memory it goes instruction by instruction. So a text which would find room there however new each of its characters is, is cheap; any
 * other pays for the worst.
 */
function matcherOf(compiled: RE2JS, bytes: number): Pattern['matches'] {
  const size = compiled.programSize()
  const table = compiled.re2Input.dfa
  table.stateBudget = table.memBudget = bytes
  // Nothing to learn: at most one instruction is next at each character.
  const isOnePass = compiled.re2Input.onepass !== null
  const largestState = 400 + 8 * size + 2 * 8 * (table.numClasses + 1)
  return (text, pay) => {
    const needed = (text.length + 3) * largestState
    // What others' texts have filled is emptied, or everybody would pay for them ever after.
    if (needed >= table.memBudget && needed < bytes) table.clearCache()
    const isSure = isOnePass || needed < table.memBudget
    pay(matchSteps + text.length * (isSure ? knownSteps : unknownSteps * size))
    const before = table.memBudget
    const isMatch = compiled.test(text)
    if (table.memBudget < before) pay((before - table.memBudget) * learntSteps)
    return isMatch
  }
}

/** Each search goes instruction by instruction from where the last one ended, at worst to the end of the text. */
function finderOf(compiled: RE2JS): Pattern['findAll'] {
  const size = compiled.programSize()
  return (text, most, pay) => {
    const found: string[] = []
    const matcher = compiled.matcher(text)
    let from = 0
    const enough = most < 0 ? Infinity : most
    while (found.length < enough) {
      pay(matchSteps + (text.length - from) * unknownSteps * size)
      if (!matcher.find()) break
      found.push(matcher.group() ?? '')
      from = matcher.end()
    }
    return found
  }
}
