import type { CallExpr, Element, Entry, Expr } from './ast.ts'
import { type Token, tokensOf } from './lexer.ts'
import { celLimits } from './limits.ts'
import { literalOf } from './literals.ts'
import { expandMacro } from './macros.ts'
import { Unreadable } from './problem.ts'

/** Reads an expression. Throws `Unreadable`. */
export function parse(source: string): Expr {
  if (source.length > celLimits.expressionLength)
    throw new Unreadable(0, `expression code point size exceeds limit: size: ${source.length}, limit ${celLimits.expressionLength}`)
  return new Parser(tokensOf(source)).whole()
}

const starts = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const words: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])
const reserved: ReadonlySet<string> = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace'],
  ...['return', 'var', 'void', 'while'],
])
const relations: ReadonlySet<string> = new Set(['<', '<=', '>=', '>', '==', '!='])

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #nesting = 0
  readonly #depths = new WeakMap<Expr, number>()

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Expr {
    const expr = this.#expr()
    const rest = this.#peek()
    if (rest.tag !== 'end') throw new Unreadable(rest.at, `Syntax error: mismatched input '${rest.text}' expecting <EOF>`)
    return expr
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token // the last one, `end`, is never taken
  }

  #take(): Token {
    const token = this.#peek()
    if (token.tag !== 'end') this.#next++
    return token
  }

  #isNext(text: string): boolean {
    const { tag, text: found } = this.#peek()
    return found === text && (tag === 'sign' || (text === 'in' && tag === 'ident'))
  }

  #skip(text: string): Token | undefined {
    return this.#isNext(text) ? this.#take() : undefined
  }

  #expect(text: string): Token {
    const found = this.#peek()
    return this.#skip(text) ?? unexpected(found, `'${text}'`)
  }

  #within<T>(read: () => T): T {
    if (++this.#nesting > celLimits.nesting)
      throw new Unreadable(this.#peek().at, `expression recursion limit exceeded: ${celLimits.nesting}`)
    const result = read()
    this.#nesting--
    return result
  }

  /** Whoever walks along a tree goes as deep as it is, so it is measured as it grows. */
  #grown<T extends Expr>(expr: T, children: readonly Expr[]): T {
    let depth = 1
    for (const child of children) depth = Math.max(depth, 1 + (this.#depths.get(child) ?? 1))
    if (depth > celLimits.depth) throw new Unreadable(expr.at, `expression recursion limit exceeded: ${celLimits.depth}`)
    this.#depths.set(expr, depth)
    return expr
  }

  #call(name: string, args: readonly Expr[], at: number): CallExpr {
    return this.#grown({ tag: 'call', name, target: undefined, args, at }, args)
  }

  #expr(): Expr {
    return this.#within(() => {
      const condition = this.#logical('||', () => this.#logical('&&', () => this.#relation()))
      const mark = this.#skip('?')
      if (mark === undefined) return condition
      const yes = this.#logical('||', () => this.#logical('&&', () => this.#relation()))
      this.#expect(':')
      return this.#call('_?_:_', [condition, yes, this.#expr()], mark.at)
    })
  }

  /** All that follow each other are one call, so that a thousand of them are no tree of a thousand levels. */
  #logical(sign: '||' | '&&', read: () => Expr): Expr {
    const args = [read()]
    let at: number | undefined
    for (let mark = this.#skip(sign); mark !== undefined; mark = this.#skip(sign)) {
      at ??= mark.at
      args.push(read())
    }
    return at === undefined ? (args[0] as Expr) : this.#call(`_${sign}_`, args, at) // the first is always read
  }

  #relation(): Expr {
    return this.#chain(
      () =>
        this.#chain(
          () =>
            this.#chain(
              () => this.#unary(),
              (text) => text === '*' || text === '/' || text === '%',
            ),
          (text) => text === '+' || text === '-',
        ),
      (text, tag) => (tag === 'sign' && relations.has(text)) || (tag === 'ident' && text === 'in'),
    )
  }

  #chain(read: () => Expr, isOperator: (text: string, tag: Token['tag']) => boolean): Expr {
    let left = read()
    for (;;) {
      const { tag, text } = this.#peek()
      if ((tag !== 'sign' && tag !== 'ident') || !isOperator(text, tag)) return left
      const { at } = this.#take()
      left = this.#call(text === 'in' ? '@in' : `_${text}_`, [left, read()], at)
    }
  }

  #unary(): Expr {
    const first = this.#peek()
    let signs = 0
    const sign = first.text
    if (first.tag === 'sign' && (sign === '!' || sign === '-')) while (this.#skip(sign) !== undefined) signs++
    const number = this.#peek()
    if (sign === '-' && signs === 1 && (number.tag === 'int' || number.tag === 'double' || number.tag === 'uint')) {
      this.#take()
      return this.#members({ tag: 'const', value: literalOf(number, true), at: first.at })
    }
    const operand = this.#members(this.#primary())
    // Two of them are none.
    return signs % 2 === 0 ? operand : this.#call(sign === '!' ? '!_' : '-_', [operand], first.at)
  }

  #members(first: Expr): Expr {
    let expr = first
    for (;;) {
      const mark = this.#peek()
      if (this.#skip('.') !== undefined) {
        const isOptional = this.#skip('?') !== undefined
        const name = this.#take()
        if (name.tag !== 'ident' || words.has(name.text)) unexpected(name, 'IDENTIFIER')
        const open = isOptional ? undefined : this.#skip('(')
        if (open !== undefined) expr = this.#called(name, expr, open.at)
        else expr = this.#grown({ tag: 'select', of: expr, field: name.text, isTest: false, isOptional, at: mark.at }, [expr])
      } else if (this.#skip('[') !== undefined) {
        const isOptional = this.#skip('?') !== undefined
        const index = this.#expr()
        this.#expect(']')
        expr = this.#call(isOptional ? '_[?_]' : '_[_]', [expr, index], mark.at)
      } else return expr
    }
  }

  #called(name: Token, target: Expr | undefined, at: number): Expr {
    const args = this.#within(() => this.#list(')', () => this.#expr()))
    return this.#grown(expandMacro({ tag: 'call', name: name.text, target, args, at }), target === undefined ? args : [target, ...args])
  }

  #list<T>(end: string, read: () => T, mayTrail = false): readonly T[] {
    const items: T[] = []
    while (!this.#isNext(end)) {
      items.push(read())
      if (this.#skip(',') === undefined) break
      if (this.#isNext(end) && !mayTrail) unexpected(this.#peek(), starts)
    }
    this.#expect(end)
    return items
  }

  #primary(): Expr {
    const token = this.#take()
    const { tag, text, at } = token
    if (tag === 'ident') return this.#named(token)
    if (tag === 'end') return unexpected(token, starts)
    if (tag !== 'sign') return { tag: 'const', value: literalOf(token), at }
    if (text === '(') {
      const expr = this.#expr()
      this.#expect(')')
      return expr
    }
    if (text === '.') {
      const name = this.#take()
      return name.tag === 'ident' ? this.#named(name) : unexpected(name, 'IDENTIFIER')
    }
    if (text === '[') return this.#listed(at)
    if (text === '{') return this.#mapped(at)
    return unexpected(token, starts)
  }

  #listed(at: number): Expr {
    const read = (): Element => ({ isOptional: this.#skip('?') !== undefined, value: this.#expr() })
    const items = this.#within(() => this.#list(']', read, true))
    return this.#grown(
      { tag: 'list', items, at },
      items.map(({ value }) => value),
    )
  }

  #mapped(at: number): Expr {
    const entries = this.#within(() => this.#list('}', () => this.#entry(), true))
    return this.#grown(
      { tag: 'map', entries, at },
      entries.flatMap(({ key, value }) => [key, value]),
    )
  }

  #entry(): Entry {
    const isOptional = this.#skip('?') !== undefined
    const key = this.#expr()
    this.#expect(':')
    return { isOptional, key, value: this.#expr() }
  }

  #named(name: Token): Expr {
    const { text, at } = name
    if (text === 'in') return unexpected(name, starts)
    if (words.has(text)) return { tag: 'const', value: text === 'null' ? null : text === 'true', at }
    if (reserved.has(text)) throw new Unreadable(at, `Syntax error: reserved identifier: ${text}`)
    const open = this.#skip('(')
    return open === undefined ? { tag: 'ident', name: text, at } : this.#called(name, undefined, open.at)
  }
}

function unexpected({ at, text }: Token, expected: string): never {
  throw new Unreadable(at, `Syntax error: mismatched input '${text.slice(0, 100)}' expecting ${expected}`)
}
