import { expect, test } from 'vitest'
import { createSteadiness } from './steadiness.ts'

const minute = 60_000
const year = 365 * 24 * 60 * minute

test.each([
  ['forward', year],
  ['back', -year],
])('ages are not trusted for a while after the clock was set %s, and then again', (_how, jump) => {
  const isSteady = createSteadiness(5 * minute)
  const look = (monotonic: number, set = 0) => isSteady({ wall: 1_000_000 + monotonic + set, monotonic })
  expect(look(0)).toBe(true)
  expect(look(minute)).toBe(true)
  expect(look(2 * minute, jump)).toBe(false)
  expect(look(6 * minute, jump)).toBe(false)
  expect(look(7 * minute, jump)).toBe(true)
})

test('what network time corrects all day changes nothing', () => {
  const isSteady = createSteadiness(5 * minute)
  for (let step = 0; step < 100; step++) expect(isSteady({ wall: step * minute + step * 500, monotonic: step * minute })).toBe(true)
})
