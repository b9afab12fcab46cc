import { expect, test } from 'vitest'
import { createStillness, looksUntilStuck } from './stillness.ts'

test('a loop is stuck after five looks without a beat, and one that beats slowly is not', () => {
  const isStuck = createStillness()
  const beats = [1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3]
  expect(beats.map(isStuck)).toEqual([...Array<boolean>(beats.length - 1).fill(false), true])
  expect(looksUntilStuck).toBe(5)
})
