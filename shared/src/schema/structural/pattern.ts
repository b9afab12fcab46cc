import { RE2JS } from 're2js'

/** A pattern as Kubernetes means it (RE2). */
export type Pattern = {
  readonly source: string
  /** In time that grows with the length of the text and no faster. */
  matches(text: string): boolean
  /** What a match takes at most, as against one look at a value. */
  stepsFor(text: string): number
  /** How many instructions it was compiled to. */
  readonly size: number
}

export type Compiled = { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly why: string }

/** Longer ones are in no definition that people use; what a pattern is compiled to grows with it, and with the numbers in its braces. */
const longestSource = 2048
const mostRepeated = 5000
const largestProgram = 10_000

// Measured: where its quick way fails, a step of the engine takes a tenth of a look at a value.
const matchSteps = 10

/** A user's pattern never meets JavaScript's own engine, which some patterns keep busy for ever. */
export function compilePattern(source: string): Compiled {
  if (source.length > longestSource) return { ok: false, why: `it is longer than ${longestSource} characters` }
  // Before compiling: what is repeated a thousand times is compiled a thousand times.
  const repeated = [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce((sum, [, least = '', most = '']) => sum + Number(most || least), 0)
  if (repeated > mostRepeated) return { ok: false, why: `its repetitions add up to ${repeated}, of which there may be ${mostRepeated}` }
  try {
    const compiled = RE2JS.compile(source)
    const size = compiled.programSize()
    if (size > largestProgram) return { ok: false, why: `it is too large: ${size} instructions, of which there may be ${largestProgram}` }
    return { ok: true, pattern: patternOf(source, compiled) }
  } catch (error) {
    return { ok: false, why: (error as Error).message } // the library throws only Errors
  }
}

function patternOf(source: string, compiled: RE2JS): Pattern {
  const size = compiled.programSize()
  return { source, size, matches: (text) => compiled.test(text), stepsFor: (text) => 1 + Math.ceil((text.length * size) / matchSteps) }
}
