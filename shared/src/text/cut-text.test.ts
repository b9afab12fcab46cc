import { expect, it } from 'vitest'
import { cutText } from './cut-text.ts'

it.each([
  ['short', 8, 'short'],
  ['exactly8', 8, 'exactly8'],
  ['nine bytes', 8, 'nine …'],
  ['ééééé', 10, 'ééééé'],
  ['éééééé', 10, 'ééé…'],
  ['🦆🦆🦆', 11, '🦆🦆…'],
  ['x'.repeat(1_000_000), 5, 'xx…'],
])('%j in %i bytes is %j', (text, maxBytes, wanted) => {
  const cut = cutText(text, maxBytes)
  expect(cut).toBe(wanted)
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
})
