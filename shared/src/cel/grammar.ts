import type { Token } from './lexer.ts'
import { Unreadable } from './problem.ts'

const literalStarts = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
/** What may stand where an expression is read, in the order in which cel-go names it. */
export const starts = `{'[', '{', '(', '.', '-', '!', ${literalStarts}`
export const listStarts = `{'[', ']', '{', '(', '.', ',', '-', '!', '?', ${literalStarts}`
export const mapStarts = `{'[', '{', '}', '(', '.', ',', '-', '!', '?', ${literalStarts}`
export const fieldStarts = "{'}', ',', '?', IDENTIFIER}"
export const argStarts = `{'[', '{', '(', ')', '.', '-', '!', ${literalStarts}`
export const words: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])
export const reserved: ReadonlySet<string> = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace'],
  ...['return', 'var', 'void', 'while'],
])
export const relations: ReadonlySet<string> = new Set(['<', '<=', '>=', '>', '==', '!='])
export const operators: ReadonlySet<string> = new Set([...relations, '&&', '||', '+', '*', '/', '%', '?'])

const isSign = (token: Token | undefined, text: string): boolean => token?.tag === 'sign' && token.text === text

/** Whether an expression can begin with it. */
export const isStart = ({ tag, text }: Token): boolean =>
  tag === 'ident' ? text !== 'in' : tag === 'sign' ? ['[', '{', '(', '.', '-', '!'].includes(text) : tag !== 'end'

/** What follows a dot and is no name. */
export function notNamed({ at, tag, text }: Token, next: Token): never {
  if (tag === 'ident' && text !== 'in') throw new Unreadable(at, `Syntax error: mismatched input '${text}' expecting IDENTIFIER`)
  const isEnd = next.tag === 'end' && text === 'in'
  throw new Unreadable(
    at,
    `Syntax error: no viable alternative at input '.${tag === 'end' ? '' : text.slice(0, 100)}'`,
    isEnd ? [{ at: next.at, what: `Syntax error: mismatched input '<EOF>' expecting ${starts}` }] : [],
  )
}

/** What one could go on after, if it were not there, is called extraneous. */
export function unexpected({ at, text }: Token, expected: string, isExtraneous: boolean): never {
  throw new Unreadable(
    at,
    `Syntax error: ${isExtraneous ? 'extraneous' : 'mismatched'} input '${text.slice(0, 100)}' expecting ${expected}`,
  )
}

/** The name of a type of which a value is made: all of `Object.spec` before a brace. `count`: the tokens of it after the first. */
export function typeNameAt({ text }: Token, after: (count: number) => Token | undefined) {
  if (words.has(text)) return undefined
  const parts = [text]
  let count = 0
  for (; isSign(after(count), '.'); count += 2) {
    const part = after(count + 1)
    if (part?.tag !== 'ident' || words.has(part.text)) return undefined
    parts.push(part.text)
  }
  return isSign(after(count), '{') ? { name: parts.join('.'), count } : undefined
}
