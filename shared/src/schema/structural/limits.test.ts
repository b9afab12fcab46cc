import { describe, expect, it } from 'vitest'
import { readSchema } from './read-schema.ts'

const errorsOf = (value: unknown): readonly string[] => {
  const read = readSchema(value, 'schema')
  return read.ok ? [] : read.errors.map(({ field, message }) => `${field}: ${message}`)
}
const withSpec = (spec: unknown) => ({ type: 'object', properties: { spec } })
const at = 'schema.properties[spec]'

describe('a schema is bounded', () => {
  const wide = (count: number, member: (index: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, member(index)]))

  it('in its size and depth', () => {
    let deep: object = { type: 'string' }
    for (let level = 0; level < 81; level++) deep = { type: 'object', properties: { a: deep } }
    expect(errorsOf(deep)).toEqual(['schema: Invalid value: "": must not be nested deeper than 160 levels'])
    expect(errorsOf(withSpec({ type: 'object', properties: wide(40_000, () => ({ type: 'string' })) }))).toEqual([
      'schema: Invalid value: "": must not have more than 64000 parts',
    ])
    expect(errorsOf(withSpec({ type: 'string', description: 'x'.repeat(1_600_000) }))).toEqual([
      'schema: Invalid value: "": must not have more than 1572864 characters: leave out descriptions',
    ])
    const values = Array.from({ length: 5001 }, (_, index) => `v${index}`)
    expect(errorsOf(withSpec({ type: 'string', enum: values }))).toEqual([
      `${at}.enum: Invalid value: "": must not have more than 5000 values`,
    ])
  })

  it('in the size of its patterns, of each and of all, of the good and of the bad', () => {
    const why = (pattern: string) => errorsOf(withSpec({ type: 'string', pattern }))[0]
    expect(why('x'.repeat(3000))).toContain('it is longer than 2048 characters')
    expect(why('(a{900}|b{900})'.repeat(4))).toContain('its repetitions add up to 7200')
    expect(why('((a{10}){10}){10}'.repeat(20))).toContain('it is too large')
    expect(why('(?i)'.concat('\\pL'.repeat(21)))).toContain('it has more than 20 classes of Unicode')
    const tooMany = (pattern: (index: number) => string) =>
      errorsOf(withSpec({ type: 'object', properties: wide(40, (index) => ({ type: 'string', pattern: pattern(index) })) })).filter(
        (error) => error.includes('the patterns of this schema are too many or too large'),
      ).length
    expect(tooMany((index) => `((a{10}){10}){9}x${index}`.repeat(5))).toBeGreaterThan(1)
    expect(tooMany((index) => `((a{10}){10}){10}${index}`.repeat(20))).toBeGreaterThan(20)
  })

  it('in what its defaults become within each other, and in what it takes to check them', () => {
    let lists: object = { type: 'object', properties: { z: { type: 'string', default: 'x' } } }
    const hundred = Array.from({ length: 100 }, () => ({}))
    for (let level = 0; level < 6; level++) lists = { type: 'object', properties: { a: { type: 'array', default: hundred, items: lists } } }
    const [error] = errorsOf(withSpec(lists))
    expect(error).toContain('with the defaults of its schema it has more than 30000 parts')
    let nested: object = { type: 'object', default: {}, properties: wide(3000, () => ({ type: 'string', default: 'x' })) }
    for (let level = 0; level < 70; level++) nested = { type: 'object', default: {}, properties: { a: nested } }
    expect(errorsOf(withSpec(nested))).toEqual([expect.stringContaining('schema: Invalid value: "": it takes more than 1000000 steps')])
  })

  it('in what is told of it', () => {
    const alternatives = Array.from({ length: 2000 }, () => ({ type: 'string', title: 'x' }))
    const long = (anyOf: object[]) => errorsOf({ type: 'object', properties: { ['x'.repeat(100_000)]: { type: 'string', anyOf } } })
    for (const errors of [long(alternatives), long(alternatives.map(() => ({ nope: 1 })))]) {
      expect(errors).toHaveLength(101)
      expect(errors.join('').length).toBeLessThan(100_000)
    }
  })
})
