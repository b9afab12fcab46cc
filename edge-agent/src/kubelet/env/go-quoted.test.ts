import { expect, it } from 'vitest'
import { goQuoted } from './go-quoted.ts'

it.each([
  ['plain "text" \\', String.raw`"plain \"text\" \\"`],
  ['a\nb\tc\r\u0007\b\f\v', String.raw`"a\nb\tc\r\a\b\f\v"`],
  ['\u0000\u0001\u007f', String.raw`"\x00\x01\x7f"`],
  ['é € 🍓 /é', '"é € 🍓 /é"'],
  ['\u00a0\u00ad\u200b\u2028\ufeff', String.raw`"\u00a0\u00ad\u200b\u2028\ufeff"`],
  ['\u{e0001}\u{10ffff}', String.raw`"\U000e0001\U0010ffff"`],
])('%j is written as Go does', (text, quoted) => {
  expect(goQuoted(text)).toBe(quoted)
})
