import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { every } from './every.ts'
import { longestTimerMs, sleep } from './sleep.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a sleep beyond what a timer can count does not end at once', async () => {
  let isOver = false
  void sleep(2 * longestTimerMs).then(() => (isOver = true))
  await vi.advanceTimersByTimeAsync(longestTimerMs - 1)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver).toBe(true)
})

test('a sleep ends with the signal, for its reason, and leaves neither a timer nor a listener', async () => {
  const stop = new AbortController()
  const slept = sleep(60_000, stop.signal)
  stop.abort('stop')
  await expect(slept).rejects.toBe('stop')
  await expect(sleep(60_000, stop.signal)).rejects.toBe('stop')
  expect(vi.getTimerCount()).toBe(0)
  const { signal } = new AbortController()
  const whole = sleep(10, signal)
  await vi.advanceTimersByTimeAsync(10)
  await whole
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('what is done again and again is done at once, then at its pace, and ends quietly with the signal', async () => {
  const stop = new AbortController()
  let times = 0
  const loop = (async () => {
    for await (const _ of every(100, stop.signal)) times += 1
  })()
  await vi.advanceTimersByTimeAsync(0)
  expect(times).toBe(1)
  await vi.advanceTimersByTimeAsync(250)
  expect(times).toBe(3)
  stop.abort()
  await loop
})
