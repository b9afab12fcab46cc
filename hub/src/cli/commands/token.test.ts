import { expect, test } from 'vitest'
import { UsageError } from '../command.ts'
import { countOf, durationMs } from './token.ts'

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
])('a token for %s is good for so long', (text, ms) => expect(durationMs(text)).toBe(ms))

test.each(['', '24', 'h', '-1h', '1.5h', '1h30m', '24H'])('a duration that is none is refused with what is expected: %j', (text) => {
  expect(() => durationMs(text)).toThrow(UsageError)
  expect(() => durationMs(text)).toThrow('--ttl: expected a number with s, m, h or d such as 24h')
})

test.each(['', '0', '-1', '1.5', 'many', '100000'])('boards that cannot be counted are refused with what is expected: %j', (text) => {
  expect(() => countOf(text)).toThrow('--uses: expected a number of boards such as 5')
})

test('a token may be for many boards', () => expect(countOf('99999')).toBe(99_999))
