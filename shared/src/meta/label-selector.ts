import * as z from 'zod'
import { badRequest } from '../api/api-error.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { stringMap, text } from '../types/scalars.ts'
import { type Labels, type Matcher, matcherOf, type Requirement, type Selector } from './label-matcher.ts'
import { checkSelectorLength } from './selector-length.ts'
import { checkLabelValue, checkQualifiedName } from './names.ts'

export const labelSelectorRequirement = message('meta/v1.LabelSelectorRequirement', {
  key: f(1, text, { description: 'The label it is about.' }),
  operator: f(2, oneOf('DoesNotExist', 'Exists', 'In', 'NotIn'), { description: 'How the label relates to the values.' }),
  values: opt(3, z.array(text), { description: 'The values for In and NotIn.', list: 'atomic' }),
})
export type LabelSelectorRequirement = z.infer<typeof labelSelectorRequirement>

export const labelSelector = message(
  'meta/v1.LabelSelector',
  {
    matchLabels: opt(1, stringMap, { description: 'Labels with the value they must have.' }),
    matchExpressions: opt(2, z.array(labelSelectorRequirement), { description: 'Further requirements; all must hold.', list: 'atomic' }),
  },
  { description: 'Finds objects by their labels; all requirements must hold.', map: 'atomic' },
)
export type LabelSelector = z.infer<typeof labelSelector>

/** Reads the query form, `a=b,c in (d,e),!f`; refuses what is no selector with a BadRequest in Kubernetes' words. */
export function parseSelector(query: string): Selector {
  checkSelectorLength(query)
  const parser = new Parser(query)
  try {
    return parser.requirements()
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`unable to parse requirement: ${error.message}`)
    throw error
  }
}

/** The requirements of a `LabelSelector` object. A missing selector (undefined) selects nothing: the caller decides, hence no default. */
export function selectorOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector {
  const words = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: '=' as const, values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator: words[operator], values })),
  ]
}

const matchers = new WeakMap<LabelSelector, Matcher>()

/**
 * Whether a `LabelSelector` object selects these labels; an absent selector selects nothing, an empty one everything. Made ready once for
 * each selector, which must not be changed afterwards: it is asked of each pod, and may have thousands of requirements.
 */
export function labelSelectorMatches(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false
  let matcher = matchers.get(selector)
  if (matcher === undefined) matchers.set(selector, (matcher = matcherOf(selectorOf(selector))))
  return matcher(labels)
}

/** The query form of a selector, keys in order, as in `status.selector` of a Scale. */
export const formatSelector = (selector: Selector): string =>
  [...selector]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, operator, values }) => {
      if (operator === 'exists') return key
      if (operator === '!') return `!${key}`
      if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${[...values].sort().join(',')})`
      const sign = { '=': '=', '==': '==', '!=': '!=', gt: '>', lt: '<' }[operator]
      return `${key}${sign}${values[0] ?? ''}`
    })
    .join(',')

/** Labels as `kubectl` shows them: `app=web,tier=a`. */
export const formatLabels = (labels: Labels | undefined): string => formatSelector(selectorOf({ matchLabels: { ...labels } }))

type Token = {
  readonly type: 'word' | 'end' | ')' | '(' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin'
  readonly text: string
}

/** Recursive descent over the grammar of Kubernetes; `in` and `notin` are operators only where one is expected. */
class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(query: string) {
    this.#tokens = tokenize(query)
  }

  /** What stands between requirements is told as it is, what is wrong in one as that of a requirement. */
  requirements(): Requirement[] {
    const found: Requirement[] = []
    for (;;) {
      const { type, text: literal } = this.#peek()
      if (type === 'end') return found
      if (type !== 'word' && type !== '!') throw badRequest(`found '${literal}', expected: !, identifier, or 'end of string'`)
      found.push(this.#requirement())
      const next = this.#take()
      if (next.type === 'end') return found
      if (next.type !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (after.type !== 'word' && after.type !== '!') throw badRequest(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #requirement(): Requirement {
    const isNegated = this.#peek().type === '!'
    if (isNegated) this.#take()
    const { type, text: key } = this.#take()
    if (type !== 'word') throw new SyntaxError(`found '${key}', expected: identifier`)
    refuse('key', key, checkQualifiedName(key))
    const next = this.#peek().type
    if (isNegated) return { key, operator: '!', values: [] }
    if (next === 'end' || next === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#list() : [this.#value()]
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(values[0] ?? ''))
      throw new SyntaxError(
        `values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    values.forEach((value, i) => refuse(`values[${i}][${key}]`, value, checkLabelValue(value)))
    return { key, operator, values }
  }

  #operator(): Exclude<Requirement['operator'], 'exists' | '!'> {
    const { type, text: literal } = this.#take('operator')
    if (type === '>') return 'gt'
    if (type === '<') return 'lt'
    if (type === '=' || type === '==' || type === '!=' || type === 'in' || type === 'notin') return type
    throw new SyntaxError(`found '${literal}', expected: in, notin, =, ==, !=, gt, lt`)
  }

  #value(): string {
    const { type } = this.#peek()
    if (type === 'end' || type === ',') return ''
    const token = this.#take()
    if (token.type !== 'word') throw new SyntaxError(`found '${token.text}', expected: identifier`)
    return token.text
  }

  #list(): string[] {
    const open = this.#take()
    if (open.type !== '(') throw new SyntaxError(`found '${open.text}' expected: '('`)
    const values = new Set<string>()
    for (;;) {
      const next = this.#peek()
      if (next.type === 'word') values.add(this.#take().text)
      else if (next.type === ',' || next.type === ')') values.add('')
      else throw new SyntaxError(`found '${next.text}', expected: ',', ')' or identifier`)
      const separator = this.#take()
      if (separator.type === ')') return [...values].sort()
      if (separator.type !== ',') throw new SyntaxError(`found '${separator.text}', expected: ',' or ')'`)
    }
  }

  #peek(where: 'value' | 'operator' = 'value'): Token {
    const token = this.#tokens[this.#at] ?? { type: 'end', text: '' }
    return where === 'value' && (token.type === 'in' || token.type === 'notin') ? { type: 'word', text: token.text } : token
  }

  #take(where: 'value' | 'operator' = 'value'): Token {
    const token = this.#peek(where)
    this.#at++
    return token
  }
}

function tokenize(query: string): Token[] {
  const symbols = ['==', '!=', ')', '(', ',', '!', '=', '>', '<'] as const
  const wordAt = /[^\s=!(),<>]+/y
  const tokens: Token[] = []
  for (let at = 0; at < query.length;) {
    if (/\s/.test(query.charAt(at))) {
      at++
      continue
    }
    const symbol = symbols.find((candidate) => query.startsWith(candidate, at))
    if (symbol !== undefined) {
      tokens.push({ type: symbol, text: symbol })
      at += symbol.length
      continue
    }
    wordAt.lastIndex = at
    const word = wordAt.exec(query)?.[0] ?? query.charAt(at)
    tokens.push({ type: word === 'in' || word === 'notin' ? word : 'word', text: word })
    at += word.length
  }
  return tokens
}

function refuse(field: string, value: string, complaints: readonly string[]) {
  if (complaints.length > 0) throw new SyntaxError(`${field}: Invalid value: ${JSON.stringify(value)}: ${complaints.join('; ')}`)
}
