/** What is wrong with an expression, and where: an offset into its text. */
export type Problem = { readonly at: number; readonly what: string }

/** Ends the reading of an expression that makes no sense any more. */
export class Unreadable extends Error {
  readonly problem: Problem

  constructor(at: number, what: string) {
    super(what)
    this.problem = { at, what }
  }
}

/** As much of a line as anybody reads. */
const longestLine = 500

/** In the form of cel-go: line and column, the line itself, and a mark below it. */
export function tellProblem(source: string, { at, what }: Problem): string {
  const before = source.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  const column = at - start
  const text = source.slice(start).split('\n', 1)[0] ?? ''
  const shown = text.length > longestLine ? '' : `\n | ${text.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`
  return `ERROR: <input>:${line}:${column + 1}: ${what}${shown}`
}
