import { describe, expect, it } from 'vitest'
import { exactJson, parseExactJson } from './exact-json.ts'

const texts = [
  '{"a":3546343826724305832}',
  '{"a":-9223372036854775808,"b":[9223372036854775807,1],"c":9007199254740993}',
  '{"text":"3546343826724305832","\\\"3546343826724305832":"\\\\","n":3546343826724305833}',
  '[0,-0.5,1.5e+300]',
  '{"__proto__":3546343826724305832}',
  '3546343826724305832',
]

describe('JSON with every digit', () => {
  it.each(texts)('%s comes out as it went in', (text) => {
    expect(exactJson(parseExactJson(text))).toBe(text)
  })

  it('is a bigint only where a number would not do', () => {
    expect(parseExactJson('[9007199254740991, -9007199254740991, 9007199254740992, 12345678901234568.0, 1e20]')).toEqual([
      9007199254740991,
      -9007199254740991,
      9007199254740992n,
      12345678901234568, // written with a fraction, so no integer
      1e20,
    ])
  })

  it.each(Array.from({ length: 16 }, (_, shift) => shift))('is found wherever it stands (%i)', (shift) => {
    const text = `["${'x'.repeat(shift)}",3546343826724305]`
    expect(exactJson(parseExactJson(text))).toBe(text)
    expect(parseExactJson(`["${'x'.repeat(shift)}",9007199254740993]`)).toEqual(['x'.repeat(shift), 9007199254740993n])
  })

  it('has the errors of JSON.parse, and what is no JSON value is null', () => {
    expect(() => parseExactJson('{"a":35463438267243058321,}')).toThrow(SyntaxError)
    expect(exactJson(undefined)).toBe('null')
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(() => exactJson(circle)).toThrow(TypeError)
  })
})

it('an integer of a million digits is a number like any other', () => {
  expect(parseExactJson(`[${'1'.repeat(100)},9007199254740993]`)).toEqual([Number('1'.repeat(100)), 9007199254740993n])
})

it('is a float beyond 64 bits, as in Go', () => {
  expect(parseExactJson('[9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809]')).toEqual([
    9223372036854775807n,
    9223372036854776000,
    -9223372036854775808n,
    -9223372036854776000,
  ])
})
