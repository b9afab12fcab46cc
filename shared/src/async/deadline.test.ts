import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createDeadline } from './deadline.ts'

test('a deadline aborts when its time is over, and says that it was the time', async () => {
  using deadline = createDeadline(1)
  await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve, { once: true }))
  expect(deadline.hasPassed).toBe(true)
  expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('a deadline aborts with the signal above it, for the reason of that', () => {
  const above = new AbortController()
  using deadline = createDeadline(60_000, above.signal)
  above.abort('stop')
  expect(deadline.signal.reason).toBe('stop')
  expect(deadline.hasPassed).toBe(false)
  using late = createDeadline(60_000, above.signal)
  expect(late.signal.aborted).toBe(true)
})

test('a deadline that is done with leaves nothing on the signal above', () => {
  const above = new AbortController()
  for (let index = 0; index < 100; index++) {
    using deadline = createDeadline(60_000, above.signal)
    expect(deadline.signal.aborted).toBe(false)
  }
  expect(getEventListeners(above.signal, 'abort')).toHaveLength(0)
})
