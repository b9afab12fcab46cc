import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPulse } from './pulse.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const { signal } = new AbortController()

test('a ring while nobody waits is there for the next who does, and several are one', async () => {
  const pulse = createPulse()
  pulse.ring()
  pulse.ring()
  expect(await pulse.wait(60_000, signal)).toBe('rung')
  const again = pulse.wait(60_000, signal)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await again).toBe('elapsed')
})

test('a ring ends a wait, and nothing of it stays on the signal or the clock', async () => {
  const pulse = createPulse()
  const waiting = pulse.wait(60_000, signal)
  pulse.ring()
  expect(await waiting).toBe('rung')
  expect(vi.getTimerCount()).toBe(0)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('a wait ends with its signal, before it began or during it', async () => {
  const pulse = createPulse()
  const stop = new AbortController()
  const waiting = pulse.wait(60_000, stop.signal)
  stop.abort()
  expect(await waiting).toBe('aborted')
  expect(await pulse.wait(60_000, stop.signal)).toBe('aborted')
})

test('a wait without an end has no timer', async () => {
  const pulse = createPulse()
  const waiting = pulse.wait(Infinity, signal)
  expect(vi.getTimerCount()).toBe(0)
  pulse.ring()
  expect(await waiting).toBe('rung')
})
