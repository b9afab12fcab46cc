import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLimiter } from './limiter.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const { signal } = new AbortController()
const never = () => new Promise<never>(() => {})

it('work that never ends gives its place to the next after a while, and one place only', async () => {
  const limiter = createLimiter(2, { patienceMs: 30_000 })
  for (let index = 0; index < 4; index++) void limiter(never, signal)
  let isDone = false
  const next = limiter(async () => (isDone = true), signal)
  await vi.advanceTimersByTimeAsync(29_000)
  expect(isDone).toBe(false)
  await vi.advanceTimersByTimeAsync(31_000)
  await next
})

it('work that ends after its place was given away gives none back a second time', async () => {
  const limiter = createLimiter(1, { patienceMs: 1000 })
  let end = () => {}
  const slow = limiter(() => new Promise<void>((resolve) => (end = resolve)), signal)
  await vi.advanceTimersByTimeAsync(1000)
  let running = 0
  const ends: (() => void)[] = []
  const more = [1, 2].map(() =>
    limiter(async () => {
      running += 1
      await new Promise<void>((resolve) => ends.push(resolve))
      running -= 1
    }, signal),
  )
  end()
  await slow
  await vi.advanceTimersByTimeAsync(0)
  expect(running).toBe(1)
  ends[0]?.()
  await more[0]
  await vi.advanceTimersByTimeAsync(0)
  expect(running).toBe(1)
  ends[1]?.()
  await more[1]
})
