import { describe, expect, it } from 'vitest'
import { fieldNotFound } from '../kinds/rules/field-errors.ts'
import { fieldDuplicate, fieldInvalid, fieldNotSupported, invalid } from './api-error.ts'

const kind = { group: '', resource: 'pods', kind: 'Pod' }

describe('a refusal of very many fields', () => {
  it('tells the first hundred and how many more there are', () => {
    const { message, details } = invalid(
      kind,
      'p',
      Array.from({ length: 30_000 }, (_, index) => fieldInvalid(`spec[${index}]`, index, 'no')),
    )
    expect(details.causes).toHaveLength(100)
    expect(message).toContain('spec[99]: Invalid value: 99: no, and 29900 more]')
    expect(message).not.toContain('spec[100]')
  })

  it('puts no more in words than it tells', () => {
    let worded = 0
    const value = { toJSON: () => `value ${++worded}` }
    const errors = Array.from({ length: 30_000 }, (_, index) => [
      fieldInvalid(`a[${index}]`, value, 'no'),
      fieldNotSupported(`b[${index}]`, value, ['a']),
      fieldDuplicate(`c[${index}]`, value),
      fieldNotFound(`d[${index}]`, value),
    ]).flat()
    expect(worded).toBe(0)
    expect(invalid(kind, 'p', errors).details.causes).toHaveLength(100)
    expect(worded).toBe(100)
  })

  it('tells of a huge name, field or value no more than shows which it is', () => {
    const huge = 'x'.repeat(3_000_000)
    for (const value of [huge, [huge], Array.from({ length: 100_000 }, () => 1)])
      expect(JSON.stringify(invalid(kind, huge, [fieldInvalid(`data[${huge}]`, value, 'no')]).details).length).toBeLessThan(10_000)
    expect(invalid(kind, huge, [fieldInvalid(`data[${huge}]`, huge, 'no')]).message.length).toBeLessThan(10_000)
  })
})
