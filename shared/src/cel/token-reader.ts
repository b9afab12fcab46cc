import { isStart, operators, starts, unexpected } from './grammar.ts'
import type { Token } from './lexer.ts'
import { type Problem, Unreadable } from './problem.ts'

/** The tokens of an expression, one after the other, and in cel-go's words what is wrong with the one that is there. */
export class TokenReader {
  /** What was gone over. */
  readonly problems: Problem[]
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[], problems: readonly Problem[]) {
    this.#tokens = tokens
    this.problems = [...problems]
  }

  peek(): Token {
    return this.#tokens[this.#next] as Token // the last one, `end`, is never taken
  }

  take(): Token {
    const token = this.peek()
    if (token.tag !== 'end') this.#next++
    return token
  }

  isNext(text: string): boolean {
    const { tag, text: found } = this.peek()
    return found === text && (tag === 'sign' || (text === 'in' && tag === 'ident'))
  }

  skip(text: string): Token | undefined {
    return this.isNext(text) ? this.take() : undefined
  }

  expect(text: string, expected = `'${text}'`): Token {
    const found = this.peek()
    const taken = this.skip(text)
    if (taken !== undefined) return taken
    if (found.tag === 'end' && text === ')') throw new Unreadable(found.at, `Syntax error: missing '${text}' at '${found.text}'`)
    return unexpected(found, expected, found.tag !== 'end' && this.after(1)?.text === text)
  }

  passOver(count: number): void {
    this.#next += count
  }

  after(count: number): Token | undefined {
    return this.#tokens[this.#next + count]
  }

  list<T>(end: string, read: () => T, first: string): readonly T[] {
    const items: T[] = []
    const mayTrail = end !== ')'
    this.startOr(first)
    while (!this.isNext(end)) {
      items.push(read())
      if (this.skip(',') === undefined) break
      if (this.isNext(end) && !mayTrail) unexpected(this.peek(), starts, false)
      const { tag, at, text } = this.peek()
      if (tag === 'end' && mayTrail) throw new Unreadable(at, `Syntax error: missing '${end}' at '${text}'`)
    }
    this.expect(end, mayTrail && items.length > 0 ? `{'${end}', ','}` : `'${end}'`)
    return items
  }

  /** Where an expression may begin, or what may stand there instead: what can be neither is passed over if one begins right after it. */
  startOr(expected: string): void {
    const found = this.peek()
    if (isStart(found) || (found.tag === 'sign' && expected.includes(`'${found.text}'`))) return
    const next = this.after(1)
    const isExtraneous = found.tag !== 'end' && next !== undefined && isStart(next)
    const what = `Syntax error: ${isExtraneous ? 'extraneous' : 'mismatched'} input '${found.text.slice(0, 100)}' expecting ${expected}`
    if (isExtraneous) {
      this.problems.push({ at: found.at, what })
      this.take()
      return
    }
    // An operator is gone over, and what it is between is missed as well.
    const isLast = next?.tag === 'end' && (operators.has(found.text) || found.text === 'in')
    throw new Unreadable(
      found.at,
      what,
      isLast ? [{ at: next.at, what: `Syntax error: mismatched input '<EOF>' expecting ${starts}` }] : [],
    )
  }
}
