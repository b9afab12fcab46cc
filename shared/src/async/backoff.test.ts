import { expect, test } from 'vitest'
import { createBackoff } from './backoff.ts'

test('delays grow to their bound and no further, and start over after a success', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => 1 })
  expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000])
  backoff.reset()
  expect(backoff.next()).toBe(100)
})

test('a fleet that lost its hub at once does not come back in step, and nobody tries without a pause', () => {
  const at = (random: number) => createBackoff({ firstMs: 100, maxMs: 1000, random: () => random }).next()
  expect([at(0), at(1 / 3), at(1)].map(Math.round)).toEqual([10, 40, 100])
})
