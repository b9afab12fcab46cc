import type { Problem } from './problem.ts'

export type Token = {
  readonly tag: 'ident' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

// Each is tried where the last token ended (sticky), and none can go back over what it has read.
const blank = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y
const ident = /[A-Za-z_][A-Za-z0-9_]*/y
const double = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y
const int = /(?:0x[0-9a-fA-F]+|\d+)[uU]?/y
const prefix = /(?:[rR][bB]?|[bB][rR]?)?(?="|')/y
const sign = /(?:&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}])/y

/** The tokens of an expression, the last of which is `end`, and what is none. */
export function tokensOf(source: string): { readonly tokens: readonly Token[]; readonly problems: readonly Problem[] } {
  const tokens: Token[] = []
  const problems: Problem[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  for (;;) {
    at += take(blank)?.length ?? 0
    if (at >= source.length) break
    const token = textToken(source, at, take(prefix)) ?? plainToken(at, take)
    if (typeof token === 'object') {
      tokens.push(token)
      at += token.text.length
      continue
    }
    // What begins like a sign of two is read on before it is given up.
    const odd = token ?? take(/[|&=][^]?|[^]/uy) ?? ''
    if (problems.length < mostOdd) problems.push({ at, what: `Syntax error: token recognition error at: '${odd.slice(0, 100)}'` })
    at += odd.length
  }
  tokens.push({ tag: 'end', text: '<EOF>', at: source.length })
  return { tokens, problems }
}

/** As many as anybody reads. */
const mostOdd = 20

function plainToken(at: number, take: (pattern: RegExp) => string | undefined): Token | undefined {
  const name = take(ident)
  if (name !== undefined) return { tag: 'ident', text: name, at }
  const real = take(double)
  if (real !== undefined) return { tag: 'double', text: real, at }
  const whole = take(int)
  if (whole !== undefined) return { tag: /u$/i.test(whole) ? 'uint' : 'int', text: whole, at }
  const mark = take(sign)
  return mark === undefined ? undefined : { tag: 'sign', text: mark, at }
}

/** A text in one quote or in three; only the latter goes over lines. What does not end is told as it stands there. */
function textToken(source: string, at: number, before: string | undefined): Token | string | undefined {
  if (before === undefined) return undefined
  const start = at + before.length
  const one = source.charAt(start)
  const quote = source.startsWith(one.repeat(3), start) ? one.repeat(3) : one
  const isRaw = /r/i.test(before)
  for (let end = start + quote.length; end < source.length; end++) {
    if (source.startsWith(quote, end))
      return { tag: /b/i.test(before) ? 'bytes' : 'string', text: source.slice(at, end + quote.length), at }
    if (source[end] === '\\' && !isRaw) end++
    else if (quote.length === 1 && (source[end] === '\n' || source[end] === '\r')) break
  }
  return source.slice(at)
}
