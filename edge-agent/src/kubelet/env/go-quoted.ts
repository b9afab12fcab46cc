const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the one space of ASCII.
const unprinted = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** A text as Go's `%q` writes it, which programs that read a downward API file take apart again. */
export const goQuoted = (text: string): string =>
  `"${text.replace(unprinted, (char) => {
    const code = char.codePointAt(0) as number // a match is not empty
    const hex = code.toString(16)
    if (code >= 0xd800 && code <= 0xdfff) return '\uFFFD'
    return (
      named[char] ??
      (code < 0x80 ? `\\x${hex.padStart(2, '0')}` : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`)
    )
  })}"`
