import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createQueues } from './queues.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it.each(['pulling', 'starting'] as const)('pods whose %s never ends do not keep another from it', async (queue) => {
  const limiter = createQueues()[queue]
  const { signal } = new AbortController()
  for (let index = 0; index < 8; index++) void limiter(() => new Promise<never>(() => {}), signal)
  const another = limiter(async () => 'done', signal)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(await another).toBe('done')
})
