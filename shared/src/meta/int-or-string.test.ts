import { describe, expect, it } from 'vitest'
import { percentOf, scaledValue } from './int-or-string.ts'

describe('a number or a percentage', () => {
  it.each([
    [3, 10, 'up', 3],
    ['25%', 10, 'up', 3],
    ['25%', 10, 'down', 2],
    ['0%', 10, 'up', 0],
    ['100%', 3, 'down', 3],
    ['150%', 2, 'up', 3],
    ['33%', 3, 'down', 0],
  ] as const)('%s of %i rounded %s is %i', (value, total, rounding, expected) => {
    expect(scaledValue(value, total, rounding)).toBe(expected)
  })

  it('refuses other texts', () => {
    expect(percentOf('25')).toBeUndefined()
    expect(percentOf('-5%')).toBeUndefined()
    expect(() => scaledValue('many', 3, 'up')).toThrow('neither an integer nor a percentage')
  })
})
