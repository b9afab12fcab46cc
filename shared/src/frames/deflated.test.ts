import { expect, test } from 'vitest'
import { deflated, deflatedPart, inflated, storedPart } from './deflated.ts'

const text = (bytes: Uint8Array) => Buffer.from(inflated(bytes, 1_000_000)).toString()

test('parts that were deflated by themselves are one text together, whatever their order', () => {
  const [a, b] = ['{"name":"pi-1"},'.repeat(5000), 'ünlike: '.repeat(50)]
  const [first, second] = [deflatedPart(a), deflatedPart(b)]
  const end = storedPart(']}', { isLast: true })
  expect(text(Buffer.concat([storedPart('{"items":['), first, second, end]))).toBe(`{"items":[${a}${b}]}`)
  expect(text(Buffer.concat([second, first, storedPart(''), end]))).toBe(`${b}${a}]}`)
  expect(first.length).toBeLessThan(a.length / 10)
})

test('what is stored as it is may be longer than one block', () => {
  for (const length of [0, 1, 0xffff, 0x10000, 200_000]) {
    const long = 'x'.repeat(length)
    expect(text(storedPart(long, { isLast: true }))).toBe(long)
    expect(text(Buffer.concat([storedPart(long), storedPart('', { isLast: true })]))).toBe(long)
  }
})

test('what would become more than there may be is not inflated', () => {
  expect(() => inflated(deflated('x'.repeat(100_000)), 99_999)).toThrow()
  expect(() => inflated(Buffer.from('no deflate'), 100)).toThrow()
})
