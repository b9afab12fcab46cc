import { describe, expect, it } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { parseJsonBody, parseYamlBody } from './json-body.ts'

describe('parseJsonBody', () => {
  it('parses', () => {
    expect(parseJsonBody(' {"a":[1,"x\\"y",{"b":null}]} ').value).toEqual({ a: [1, 'x"y', { b: null }] })
  })

  it.each([
    ['{"a":}', /position 5/],
    ['{"a":1', /JSON/],
    ['{"a":1,"b":[1,2,tru]}', /position 19/],
    ['{"a":', /position 5/],
    ['<html>', /position 0/],
    ['', /the body is empty/],
    ['{"a":1} x', /position 8/],
  ])('refuses %j and says where', (text, message) => {
    expect(() => parseJsonBody(text)).toThrow(ApiError)
    expect(() => parseJsonBody(text)).toThrow(message)
  })

  it.each(['{"a":1e400}', '{"a":[{"b":-1E+999}]}', `[${'9'.repeat(400)}]`])(
    'refuses a number that is larger than any, which would be stored as null: %s',
    (text) => {
      expect(() => parseJsonBody(text)).toThrow('cannot unmarshal number into Go value of type float64')
    },
  )

  it('takes what only looks like such a number', () => {
    expect(parseJsonBody('{"a":"7e400","b":1e-400,"c":1.5e0300}').value).toEqual({ a: '7e400', b: 0, c: 1.5e300 })
  })

  it('does not repeat the body in its refusal', () => {
    expect(() => parseJsonBody('{"password":"hunter2" oops}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
    )
  })

  it.each(['['.repeat(100_000), `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`])('refuses nesting without measure', (text) => {
    expect(() => parseJsonBody(text)).toThrow('nested deeper than 200')
  })

  it('counts no brackets inside strings', () => {
    expect(parseJsonBody(JSON.stringify({ a: '[{'.repeat(1000), b: '\\"[' })).value).toMatchObject({ b: '\\"[' })
  })

  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"replicas":1,"x":[{"n":1},{"n":1,"n":2}],"replicas":3}}', ['spec.x[1].n', 'spec.replicas']],
    ['{"a":"b","b":"a,\\"a\\":","c":{"a":1}}', []],
    ['{"a":{"x":1},"b":{"x":1}}', []],
    ['{"\\u0061":1,"a":1}', ['a']],
    ['[[1,{"a":1,"a":1}]]', ['[0][1].a']],
  ])('finds the keys given twice in %s', (text, duplicates) => {
    expect(parseJsonBody(text, { findDuplicates: true }).duplicates).toEqual(duplicates)
    expect(parseJsonBody(text, { findDuplicates: false }).duplicates).toEqual([])
  })

  it('finds no duplicate in what JSON.stringify wrote, and every one that is put in', () => {
    for (let seed = 1; seed < 200; seed++) {
      const text = JSON.stringify(nested(seed, 4))
      expect(parseJsonBody(text).duplicates).toEqual([])
      const doubled = text.replace(/^\{/, '{"k":[{"\\"":1}],').replace(/\}$/, ',"k":0}')
      expect(parseJsonBody(doubled).duplicates).toContain('k')
    }
  })
})

describe('parseYamlBody', () => {
  it('parses YAML, and JSON as the YAML it is', () => {
    expect(parseYamlBody('kind: Pod\nmetadata:\n  name: x\n  labels: {on: "off"}\n').value).toEqual({
      kind: 'Pod',
      metadata: { name: 'x', labels: { on: 'off' } },
    })
    expect(parseYamlBody('{"a":[1]}').value).toEqual({ a: [1] })
    expect(parseYamlBody('{a: [1]}').value).toEqual({ a: [1] })
  })

  it('finds the keys given twice', () => {
    expect(parseYamlBody('a: 1\nb:\n  - c: 1\n    c: 2\na: 2\n')).toEqual({
      value: { a: 2, b: [{ c: 2 }] },
      duplicates: ['b[0].c', 'a'],
    })
  })

  it.each([
    ['a: [1', 'yaml parse error'],
    ['a: 1\n---\nb: 2\n', 'yaml parse error'],
    ['? [a, b]\n: c\n', 'a key is a list or a mapping'],
    ['- {a: 1}: b\n', 'a key is a list or a mapping'],
    ['x: &x [a]\ny:\n  ? *x\n  : b\n', 'a key is a list or a mapping'],
    ['a: .inf\n', 'cannot unmarshal number'],
    ['a: [.nan]\n', 'cannot unmarshal number'],
    ['['.repeat(200_000), 'nested deeper'],
    ['a: ' + '[x,'.repeat(30_000), 'nested deeper'],
    ['- '.repeat(50_000), 'nested deeper'],
    ['# x\n'.repeat(300_000), 'at most'],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
      'yaml parse error',
    ],
  ])('refuses what is no document or would fill the memory', (text, message) => {
    expect(() => parseYamlBody(text)).toThrow(ApiError)
    expect(() => parseYamlBody(text)).toThrow(message)
  })
})

/** An object full of what confuses scanners: brackets, quotes and commas in keys and texts. */
function nested(seed: number, depth: number): Record<string, unknown> {
  const words = ['k0', '"', '\\', '{"', '},', '[', ':', '\u2028', 'a"b', '\\"', '']
  const entries = Array.from({ length: 1 + (seed % 5) }, (_, index): [string, unknown] => {
    const word = words[(seed * 7 + index * 3) % words.length] ?? ''
    const value =
      depth === 0 || (seed + index) % 3 === 0
        ? word
        : (seed + index) % 3 === 1
          ? nested(seed + index + 1, depth - 1)
          : [word, nested(seed + index + 2, depth - 1)]
    return [`${word}${index}`, value]
  })
  return Object.fromEntries(entries)
}

describe('a body of very many parts', () => {
  const tooLarge = expect.objectContaining({ reason: 'RequestEntityTooLarge' }) as Error

  it.each<[string, string]>([
    ['elements', `[${'0,'.repeat(30_001)}0]`],
    ['lists', `[${'[],'.repeat(30_001)}0]`],
    ['members', `{${'"a":0,'.repeat(30_001)}"b":0}`],
  ])('is refused before it is parsed: %s', (_name, text) => {
    expect(() => parseJsonBody(text)).toThrow(tooLarge)
    expect(() => parseYamlBody(text)).toThrow(tooLarge)
  })

  it('is taken when it has as many as an object may', () => {
    for (const text of [`[${'{},'.repeat(29_998)}{}]`, `[${' [ ] , '.repeat(29_998)}0]`, `{"a":[${'{"b":0},'.repeat(14_998)}{}]}`])
      expect(parseJsonBody(text).value).toEqual(JSON.parse(text))
    expect(() => parseJsonBody(`[${'{},'.repeat(29_999)}{}]`)).toThrow(tooLarge)
  })

  it('is one of signs, not of characters', () => {
    const text = JSON.stringify({ data: { a: ',[{'.repeat(100_000) } })
    expect(parseJsonBody(text).value).toEqual(JSON.parse(text))
  })

  it('is refused as YAML by its words and signs', () => {
    expect(() => parseYamlBody('a: b\n'.repeat(5_000))).toThrow(tooLarge)
    expect(parseYamlBody(`a: |\n${'  some words, some: signs\n'.repeat(4_000)}`).value).toHaveProperty('a')
  })
})

it('of a long name that is there twice as much is told as anybody reads, and of a long name above it', () => {
  const long = 'x'.repeat(10_000)
  const { duplicates } = parseJsonBody(`{"${long}":[${Array.from({ length: 100 }, () => '{"a":1,"a":2}').join(',')}],"${long}":1}`)
  expect(duplicates).toHaveLength(100)
  expect(duplicates.join('').length).toBeLessThan(50_000)
})
