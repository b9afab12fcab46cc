/** What is wrong with an expression, and where: an offset into its text. */
export type Problem = { readonly at: number; readonly what: string }

/** Ends the reading of an expression that makes no sense any more. */
export class Unreadable extends Error {
  readonly problems: readonly Problem[]

  constructor(at: number, what: string, more: readonly Problem[] = []) {
    super(what)
    this.problems = [{ at, what }, ...more]
  }
}

/** Of the whole, and of no place in it. */
export const nowhere = -1

/** As much of a line as anybody reads. */
const longestLine = 500

/** In the form of cel-go: line and column, the line itself, and a mark below it. */
export function tellProblem(source: string, { at, what }: Problem): string {
  if (at === nowhere) return `ERROR: <input>:-1:0: ${what}`
  const before = source.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  const column = [...source.slice(start, at)].length
  const text = source.slice(start).split('\n', 1)[0] ?? ''
  const shown = text.length > longestLine ? '' : `\n | ${text.replaceAll('\t', ' ')}\n | ${markBelow(text, column)}`
  return `ERROR: <input>:${line}:${column + 1}: ${what}${shown}`
}

/** What is no ASCII takes the room of two. */
function markBelow(line: string, column: number): string {
  const points = [...line]
  const isWide = (point: string | undefined): boolean => (point ?? '') > '\u007f'
  return `${points
    .slice(0, column)
    .map((point) => (isWide(point) ? '．' : '.'))
    .join('')}${isWide(points[column]) ? '＾' : '^'}`
}
