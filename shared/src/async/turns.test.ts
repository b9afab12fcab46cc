import { expect, test } from 'vitest'
import { isTurnOver, nextTurn } from './turns.ts'

test('a loop whose next step is always ready lets sockets and timers through', async () => {
  let others = 0
  setImmediate(() => (others += 1))
  for (let steps = 0; steps < 5_000; steps += 1) {
    await Promise.resolve()
    if (isTurnOver()) await nextTurn()
  }
  expect(others).toBe(1)
})

test('two loops that feed each other share one turn, so neither keeps the thread for the other', async () => {
  let others = 0
  const loop = async (): Promise<void> => {
    for (let steps = 0; steps < 600; steps += 1) {
      await Promise.resolve()
      if (others === 0 && isTurnOver()) await nextTurn()
    }
  }
  const both = Promise.all([loop(), loop()])
  setImmediate(() => (others += 1))
  await both
  expect(others).toBe(1)
})
