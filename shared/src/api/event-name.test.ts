import { expect, test } from 'vitest'
import { createEventNames } from './event-name.ts'

test('events of one moment are named in the order in which they happened', () => {
  const nameOf = createEventNames()
  const names = Array.from({ length: 50 }, () => nameOf('web', 1_800_000_000_000))
  expect(names.toSorted()).toEqual(names)
  expect(names[0]).toMatch(/^web\.[0-9a-f]{19}$/)
})

test('the events of a long name have a name that fits', () => {
  expect(createEventNames()('a'.repeat(253), Date.now()).length).toBeLessThanOrEqual(253)
})
