const reference = /\$(\$|\(([^()]*)\))/g

/**
 * So long may the variables, or the command, of one container be together: Linux starts nothing with more (three quarters of the stack
 * that it gives by default, whatever the size of a page). A few variables that name each other several times would be without any bound.
 */
export const mostText = 6 * 1024 * 1024

/** What was asked for is longer than any program is started with. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

/**
 * `$(NAME)` becomes its value, `$$` a dollar sign; a name nobody knows stays as it is written. Throws `TooLong` for what would be longer
 * than `room`, without making it.
 */
export function expand(text: string, values: ReadonlyMap<string, string>, room = mostText): string {
  let length = 0
  return text.replace(reference, (whole, inner: string, name: string | undefined) => {
    const value = inner === '$' ? '$' : (values.get(name ?? '') ?? whole)
    length += value.length
    if (length > room)
      throw new TooLong(`${text.slice(0, 80)} with its variables is longer than ${mostText} characters: a program is started with less`)
    return value
  })
}

/** The words of a command, together within the bound. */
export function expandWords(words: readonly string[], values: ReadonlyMap<string, string>): string[] {
  let room = mostText
  return words.map((word) => {
    const expanded = expand(word, values, room)
    room -= expanded.length
    return expanded
  })
}

/** The names that the text asks for and that have no value, or an empty one. */
export const missingIn = (text: string, values: ReadonlyMap<string, string>): readonly string[] =>
  [...text.matchAll(reference)].flatMap(([, , name]) => (name === undefined || values.get(name) ? [] : [name]))
