import { expect, it } from 'vitest'
import { Budget, OutOfBudget } from './budget.ts'
import { isSame } from './equality.ts'
import { celValueOf } from './json-values.ts'
import { celLimits } from './limits.ts'
import { compileExpression } from './program.ts'
import * as t from './types.ts'
import { CelList, Fault, type Value } from './values.ts'

const variables = new Map<string, t.CelType>([
  ['list', t.listOf(t.int)],
  ['text', t.string],
  ['texts', t.listOf(t.string)],
])
const long = 'a'.repeat(1_000_000)
const numbers = new CelList(Array.from({ length: 5000 }, (_, index) => BigInt(index)))
const texts = new CelList(Array.from({ length: 100 }, (_, index) => `${'x'.repeat(10_000)}${index}`))

function end(source: string): Value | 'out of budget' {
  const compiled = compileExpression(source, variables)
  if (!compiled.ok) throw new Error(compiled.why)
  try {
    return compiled.program.evaluate([numbers, long, texts], new Budget(celLimits.perCall))
  } catch (error) {
    if (error instanceof OutOfBudget) return 'out of budget'
    throw error
  }
}

const doubled = (times: number, from: string, inner: (name: string) => string): string =>
  times === 0 ? inner(from) : `optional.of(${from} + ${from}).optMap(${from}a, ${doubled(times - 1, `${from}a`, inner)}).value()`

it.each([
  'list.all(a, list.all(b, list.all(c, a + b + c >= 0)))',
  'list.map(a, list.map(b, list.map(c, c))).size() > 0',
  'list.all(a, text.matches("(a*)*b|" + string(a)) || true)',
  'list.all(a, text.find("(a|aa)+$") != "" || true)',
  'list.all(a, text.findAll("a.*b|a").size() > 0)',
  'list.all(a, text.contains("aaaaaaaaaaaaaaaaaaaaaaaaaab") || true)',
  'list.all(a, (text + string(a)).size() > 0)',
  'list.all(a, text.split("").size() > 0)',
  'list.all(a, text.replace("", text).size() > 0)',
  'list.all(a, text.lowerAscii() == text.upperAscii() || true)',
  'list.all(a, text.charAt(a) != "")',
  'list.all(a, (list + list) == (list + list))',
  'list.all(a, sets.equivalent(list, list))',
  'list.all(a, list.map(b, text) == list.map(b, text))',
  'list.all(a, "%s".format([[[[[[text]]]]]]).size() > 0)',
  'list.all(a, list.exists(b, 1 / 0 > a) || true)',
  'list.all(a, timestamp(a).getHours("Europe/Berlin") >= 0)',
  'list.all(a, texts.join(text).size() > 0)',
  'list.all(a, list.transformMap(i, v, text + string(v)).size() > 0)',
  'list.all(a, isURL(text) || isQuantity(text) || isIP(text) || isSemver(text) || true)',
  'list.all(a, format.dns1123Label().validate(text).hasValue())',
  'list.all(a, size(text) > 0 && list.all(b, size(text) > 0))',
  doubled(30, 'text', (name) => `${name}.size() > 0`),
  doubled(30, 'list', (name) => `${name}.size() > 0`),
])('%s ends when it has cost what it may', (source) => {
  expect(end(source)).toBe('out of budget')
})

it.each([
  ['brackets', `${'('.repeat(5000)}1${')'.repeat(5000)} == 1`],
  ['lists', `${'['.repeat(5000)}1${']'.repeat(5000)} == 1`],
  ['signs', `${'!'.repeat(99_990)}true`],
  ['a long sum', `${'1 + '.repeat(20_000)}1 == 1`],
  ['a long path', `list${'.a'.repeat(40_000)}`],
  ['a long index', `list${'[0]'.repeat(30_000)}`],
  ['a long choice', `${'true ? 1 : '.repeat(8000)}1 == 1`],
  ['sums within sums', `${'(1 + '.repeat(240)}${'1 + '.repeat(900)}1${')'.repeat(240)} == 1`],
  ['a text without end', `'${'a'.repeat(90_000)}`],
  ['more than anybody writes', `${'1 == 1 || '.repeat(12_000)}true`],
  ['a macro within itself', `${'list.map(a, '.repeat(300)}a${')'.repeat(300)}`],
])('an expression of %s is read or refused', (_, source) => {
  const compiled = compileExpression(source, variables)
  if (compiled.ok) expect(compiled.program.evaluate([numbers, long, texts], new Budget(celLimits.perCall))).toBe(true)
  else expect(compiled.why).toMatch(/^ERROR: <input>:(?:1|-1):\d+: /)
})

it('thousands of conditions in a row are one level', () => {
  expect(end(`${'1 == 2 || '.repeat(9000)}true`)).toBe(true)
})

it('of ten thousand expressions each is refused or ends in a value', () => {
  const words = [
    ...[
      'list',
      'text',
      'texts',
      'self',
      '1',
      '2u',
      '1.5',
      '"a"',
      "'",
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      ',',
      ':',
      '?',
      '.',
      '.?',
      '[?',
      '+',
      '-',
      '*',
    ],
    ...[
      '/',
      '%',
      '!',
      '&&',
      '||',
      '==',
      '!=',
      '<',
      '>=',
      ' in ',
      'true',
      'null',
      '.all(x, ',
      '.map(x, ',
      '.filter(x, ',
      '.exists(x, ',
      'has(',
      'size(',
    ],
    ...[
      '.size()',
      '.matches("a+")',
      '.join()',
      '.sum()',
      '.format([',
      'duration("1s")',
      'optional.of(',
      '.orValue(',
      'b"a"',
      'r"\\"',
      '//',
      '\n',
      'x',
      '\u{1f600}',
      '\\',
    ],
  ]
  // The same on every run.
  let seed = 1
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  let good = 0
  for (let turn = 0; turn < 10_000; turn++) {
    const source = Array.from({ length: 1 + next(12) }, () => words[next(words.length)]).join(next(3) === 0 ? ' ' : '')
    const compiled = compileExpression(source, variables)
    if (!compiled.ok) continue
    good++
    try {
      const value = compiled.program.evaluate([numbers, 'text', texts], new Budget(10_000))
      expect(value instanceof Fault || value !== undefined).toBe(true)
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfBudget)
    }
  }
  expect(good).toBeGreaterThan(100)
})

it('a part of a list costs what it takes, however long the list is', () => {
  const made: unknown[] = []
  const list = new CelList(Array.from({ length: 1000 }), (item) => {
    made.push(item)
    return null
  })
  const compiled = compileExpression('list.slice(500, 503).size()', new Map([['list', t.listOf(t.dyn)]]))
  if (!compiled.ok) throw new Error(compiled.why)
  expect(compiled.program.evaluate([list], new Budget(100))).toBe(3n)
  expect(made).toHaveLength(3)
})

it('two objects are compared by what stands in them, however much their schema knows', () => {
  let asked = 0
  const raw = new Proxy<Record<string, unknown>>(
    { a1: 'x', 'not-known': 'y' },
    {
      getOwnPropertyDescriptor(target, name) {
        asked += 1
        return Object.getOwnPropertyDescriptor(target, name)
      },
    },
  )
  const properties = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`a${index}`, { type: 'string' as const }]))
  const schema = { type: 'object' as const, properties }
  expect(isSame(celValueOf(raw, schema), celValueOf({ a1: 'x' }, schema), new Budget(100))).toBe(true)
  expect(asked).toBeLessThan(10)
})
