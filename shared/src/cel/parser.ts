import type { CallExpr, Element, Entry, Expr, FieldInit } from './ast.ts'
import {
  argStarts,
  fieldStarts,
  listStarts,
  mapStarts,
  notNamed,
  relations,
  reserved,
  starts,
  typeNameAt,
  unexpected,
  words,
} from './grammar.ts'
import { type Token, tokensOf } from './lexer.ts'
import { celLimits } from './limits.ts'
import { literalOf } from './literals.ts'
import { expandMacro } from './macros.ts'
import { nowhere, Unreadable } from './problem.ts'
import { TokenReader } from './token-reader.ts'

/** Reads an expression. Throws `Unreadable`. */
export function parse(source: string): Expr {
  if (source.length > celLimits.expressionLength)
    throw new Unreadable(nowhere, `expression code point size exceeds limit: size: ${source.length}, limit ${celLimits.expressionLength}`)
  const { tokens, problems } = tokensOf(source)
  const reader = new TokenReader(tokens, problems)
  try {
    const expr = new Parser(reader).whole()
    if (reader.problems.length === 0) return expr
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    reader.problems.push(...error.problems)
  }
  const [first = { at: nowhere, what: '' }, ...others] = reader.problems
  throw new Unreadable(first.at, first.what, others)
}

class Parser {
  readonly #tokens: TokenReader
  #nesting = 0
  readonly #depths = new WeakMap<Expr, number>()

  constructor(tokens: TokenReader) {
    this.#tokens = tokens
  }

  whole(): Expr {
    const expr = this.#expr()
    const rest = this.#tokens.peek()
    if (rest.tag !== 'end') unexpected(rest, '<EOF>', this.#tokens.after(1)?.tag === 'end')
    return expr
  }

  #within<T>(read: () => T): T {
    if (++this.#nesting > celLimits.nesting) throw new Unreadable(nowhere, `expression recursion limit exceeded: ${celLimits.nesting}`)
    const result = read()
    this.#nesting--
    return result
  }

  /** Whoever walks along a tree goes as deep as it is, so it is measured as it grows. */
  #grown<T extends Expr>(expr: T, children: readonly Expr[]): T {
    let depth = 1
    for (const child of children) depth = Math.max(depth, 1 + (this.#depths.get(child) ?? 1))
    if (depth > celLimits.depth) throw new Unreadable(nowhere, `expression recursion limit exceeded: ${celLimits.depth}`)
    this.#depths.set(expr, depth)
    return expr
  }

  #call(name: string, args: readonly Expr[], at: number): CallExpr {
    return this.#grown({ tag: 'call', name, target: undefined, args, at }, args)
  }

  #expr(): Expr {
    return this.#within(() => {
      const condition = this.#logical('||', () => this.#logical('&&', () => this.#relation()))
      const mark = this.#tokens.skip('?')
      if (mark === undefined) return condition
      const yes = this.#logical('||', () => this.#logical('&&', () => this.#relation()))
      this.#tokens.expect(':')
      return this.#call('_?_:_', [condition, yes, this.#expr()], mark.at)
    })
  }

  /** All that follow each other are one call, so that a thousand of them are no tree of a thousand levels. */
  #logical(sign: '||' | '&&', read: () => Expr): Expr {
    const args = [read()]
    let at: number | undefined
    for (let mark = this.#tokens.skip(sign); mark !== undefined; mark = this.#tokens.skip(sign)) {
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
      const { tag, text } = this.#tokens.peek()
      if ((tag !== 'sign' && tag !== 'ident') || !isOperator(text, tag)) return left
      const { at } = this.#tokens.take()
      left = this.#call(text === 'in' ? '@in' : `_${text}_`, [left, read()], at)
    }
  }

  #unary(): Expr {
    const first = this.#tokens.peek()
    let signs = 0
    const sign = first.text
    if (first.tag === 'sign' && (sign === '!' || sign === '-')) while (this.#tokens.skip(sign) !== undefined) signs++
    const number = this.#tokens.peek()
    if (signs > 0 && number.tag === 'end')
      throw new Unreadable(number.at, `Syntax error: no viable alternative at input '${sign}'`, [
        { at: number.at, what: `Syntax error: mismatched input '<EOF>' expecting ${starts}` },
      ])
    if (sign === '-' && signs === 1 && (number.tag === 'int' || number.tag === 'double' || number.tag === 'uint')) {
      this.#tokens.take()
      return this.#members({ tag: 'const', value: literalOf(number, true), at: first.at })
    }
    const operand = this.#members(this.#primary())
    // Two of them are none.
    return signs % 2 === 0 ? operand : this.#call(sign === '!' ? '!_' : '-_', [operand], first.at)
  }

  #members(first: Expr): Expr {
    let expr = first
    for (;;) {
      const mark = this.#tokens.peek()
      if (this.#tokens.skip('.') !== undefined) {
        const isOptional = this.#tokens.skip('?') !== undefined
        const name = this.#tokens.take()
        if (name.tag !== 'ident' || words.has(name.text)) notNamed(name, this.#tokens.peek())
        const open = isOptional ? undefined : this.#tokens.skip('(')
        if (open !== undefined) expr = this.#called(name, expr, open.at)
        else expr = this.#grown({ tag: 'select', of: expr, field: name.text, isTest: false, isOptional, at: mark.at }, [expr])
      } else if (this.#tokens.skip('[') !== undefined) {
        const isOptional = this.#tokens.skip('?') !== undefined
        const index = this.#expr()
        this.#tokens.expect(']')
        expr = this.#call(isOptional ? '_[?_]' : '_[_]', [expr, index], mark.at)
      } else return expr
    }
  }

  #called(name: Token, target: Expr | undefined, at: number): Expr {
    const args = this.#within(() => this.#tokens.list(')', () => this.#expr(), argStarts))
    return this.#grown(expandMacro({ tag: 'call', name: name.text, target, args, at }), target === undefined ? args : [target, ...args])
  }

  #primary(): Expr {
    this.#tokens.startOr(starts)
    const token = this.#tokens.take()
    const { tag, text, at } = token
    if (tag === 'ident') return this.#named(token)
    if (tag !== 'sign') return { tag: 'const', value: literalOf(token), at }
    if (text === '(') {
      const expr = this.#expr()
      this.#tokens.expect(')')
      return expr
    }
    if (text === '.') {
      const name = this.#tokens.take()
      return name.tag === 'ident' ? this.#named(name) : notNamed(name, this.#tokens.peek())
    }
    if (text === '[') return this.#listed(at)
    if (text === '{') return this.#mapped(at)
    return unexpected(token, starts, false)
  }

  #listed(at: number): Expr {
    const read = (): Element => ({ isOptional: this.#tokens.skip('?') !== undefined, value: this.#expr() })
    const items = this.#within(() => this.#tokens.list(']', read, listStarts))
    return this.#grown(
      { tag: 'list', items, at },
      items.map(({ value }) => value),
    )
  }

  #mapped(at: number): Expr {
    const entries = this.#within(() => this.#tokens.list('}', () => this.#entry(), mapStarts))
    return this.#grown(
      { tag: 'map', entries, at },
      entries.flatMap(({ key, value }) => [key, value]),
    )
  }

  #entry(): Entry {
    const isOptional = this.#tokens.skip('?') !== undefined
    const key = this.#expr()
    this.#tokens.expect(':')
    return { isOptional, key, value: this.#expr() }
  }

  #message(name: string): Expr {
    const { at } = this.#tokens.take()
    const fields = this.#within(() => this.#tokens.list('}', () => this.#field(), fieldStarts))
    return this.#grown(
      { tag: 'message', name, fields, at },
      fields.map(({ value }) => value),
    )
  }

  #field(): FieldInit {
    const isOptional = this.#tokens.skip('?') !== undefined
    const name = this.#tokens.peek()
    if (name.tag !== 'ident' || words.has(name.text)) unexpected(name, isOptional ? 'IDENTIFIER' : fieldStarts, false)
    this.#tokens.take()
    const { at } = this.#tokens.expect(':')
    return { isOptional, name: name.text, value: this.#expr(), at }
  }

  #named(name: Token): Expr {
    const message = typeNameAt(name, (count) => this.#tokens.after(count))
    if (message !== undefined) {
      this.#tokens.passOver(message.count)
      return this.#message(message.name)
    }
    const { text, at } = name
    if (words.has(text)) return { tag: 'const', value: text === 'null' ? null : text === 'true', at }
    if (reserved.has(text)) throw new Unreadable(at, `reserved identifier: ${text}`)
    const open = this.#tokens.skip('(')
    return open === undefined ? { tag: 'ident', name: text, at } : this.#called(name, undefined, open.at)
  }
}
