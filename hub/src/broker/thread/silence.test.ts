import { expect, test } from 'vitest'
import { createSilence } from './silence.ts'

/** At which look a client counts as gone, by what was heard of it until then. */
const endOf = (keepaliveSeconds: number, heard: readonly (number | 'held back')[]): number => {
  const isSilent = createSilence(keepaliveSeconds)
  let bytesRead = 0
  return heard.findIndex((each) => {
    if (each !== 'held back') bytesRead += each
    return isSilent({ bytesRead, isHeldBack: each === 'held back' })
  })
}

test('who says nothing for one and a half times its keepalive has gone', () => {
  expect(endOf(3, [2, 0, 0, 0, 0])).toBe(4)
  expect(endOf(3, [2, 0, 0, 0, 2, 0, 0, 0, 2])).toBe(-1)
})

test('who is held back is not silent', () => {
  expect(endOf(3, [2, 'held back', 'held back', 'held back', 'held back', 'held back', 0, 0, 0])).toBe(-1)
})
