import { describe, expect, it } from 'vitest'
import {
  addQuantities,
  byteQuantity,
  compareQuantities,
  formatQuantity,
  milliOf,
  milliQuantity,
  parseQuantity,
  subtractQuantities,
  valueOf,
} from './quantity.ts'

const canonical = (text: string) => formatQuantity(parseQuantity(text))

describe('a quantity', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.0Gi', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.', '1'],
    ['100m', '100m'],
    ['1500m', '1500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Mi', '512Ki'],
    ['1000Mi', '1000Mi'],
    ['512', '512'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1500k', '1500k'],
    ['1000000', '1M'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['1E3', '1e3'],
    ['1E', '1E'],
    ['1Ki', '1Ki'],
    ['0.5Ki', '512'],
    ['1u', '1u'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['-1.5', '-1500m'],
    ['9223372036854775807', '9223372036854775807'],
    ['99999999999999999999', '9223372036854775807'],
    ['0.001', '1m'],
    ['2Ti', '2Ti'],
    ['128974848', '128974848'],
    ['129M', '129M'],
    ['123Mi', '123Mi'],
  ])('%s is written as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
    expect(canonical(expected)).toBe(expected)
  })

  it.each(['', ' ', '1 Gi', 'Gi', '1gi', '1KI', '1.2.3', '--1', '1e', 'e3', '0x10', '1,5', 'NaN', 'Infinity', '1e3Mi'])(
    'refuses %j',
    (text) => {
      expect(() => parseQuantity(text)).toThrow('quantities must match the regular expression')
    },
  )

  it.each([
    ['1Gi', '1024Mi', 0],
    ['1G', '1Gi', -1],
    ['1', '999m', 1],
    ['0.1', '100m', 0],
    ['-1', '0', -1],
  ])('%s compared with %s is %i', (a, b, expected) => {
    expect(compareQuantities(parseQuantity(a), parseQuantity(b))).toBe(expected)
  })

  it('adds and subtracts exactly, in the suffixes of the first', () => {
    const sum = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a), parseQuantity(b)))
    expect(sum('0.1', '0.2')).toBe('300m')
    expect(sum('1Gi', '1M')).toBe('1074741824')
    expect(sum('0', '64Mi')).toBe('64Mi')
    expect(formatQuantity(subtractQuantities(parseQuantity('1Gi'), parseQuantity('256Mi')))).toBe('768Mi')
  })

  it('counts thousandths and units rounded up', () => {
    expect(milliOf('0.5')).toBe(500)
    expect(milliOf('1u')).toBe(1)
    expect(milliOf('2')).toBe(2000)
    expect(valueOf('1.1')).toBe(2)
    expect(valueOf('64Mi')).toBe(67_108_864)
    expect(milliQuantity(250)).toBe('250m')
    expect(byteQuantity(8_053_063_680)).toBe('7680Mi')
  })
})
