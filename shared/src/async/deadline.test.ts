import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
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

test('10,000 deadlines under one long-lived signal leave no memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // there once the flag is set
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const { signal } = new AbortController()
  const call = (count: number) => {
    for (let index = 0; index < count; index++) {
      using deadline = createDeadline(60_000, signal)
      expect(deadline.signal.aborted).toBe(false)
    }
  }
  call(2000)
  const before = heap()
  call(10_000)
  expect((heap() - before) / 10_000).toBeLessThan(50)
})

test('a deadline beyond what a timer can count does not pass at once', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  using deadline = createDeadline(100_000 * 86_400_000)
  await vi.advanceTimersByTimeAsync(20 * 86_400_000)
  expect(deadline.hasPassed).toBe(false)
})
