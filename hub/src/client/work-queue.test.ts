import { systemClock } from '@bramble/shared/clock.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settle } from './test-hub.ts'
import { createWorkQueue } from './work-queue.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function start(work: (key: string) => Promise<void>, workers = 1, longestRetryOf?: (error: unknown) => number | undefined) {
  const stop = new AbortController()
  const errors: string[] = []
  const queue = createWorkQueue({
    clock: systemClock,
    workers,
    random: () => 1,
    ...(longestRetryOf !== undefined && { longestRetryOf }),
    onError: (key, _error, failures) => errors.push(`${key} ${failures}`),
  })
  const running = queue.run(work, stop.signal)
  const end = async () => {
    stop.abort()
    await running
  }
  return { queue, errors, end }
}

test('a key that is added many times before its turn is worked on once', async () => {
  const seen: string[] = []
  const { queue, end } = start(async (key) => void seen.push(key))
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toEqual(['a', 'b'])
  await end()
})

test('it tells how many wait, how often something was added and how often it came again', async () => {
  let fails = true
  const { queue, end } = start(async () => {
    if (!fails) return
    fails = false
    throw new Error('once')
  })
  queue.add('a')
  queue.add('b')
  expect(queue.stats).toEqual({ depth: 2, adds: 2, retries: 0 })
  await vi.advanceTimersByTimeAsync(100)
  expect(queue.stats).toEqual({ depth: 0, adds: 2, retries: 1 })
  await end()
})

test('of several delays of a key the earliest counts', async () => {
  const seen: string[] = []
  const { queue, end } = start(async (key) => void seen.push(key))
  queue.addAfter('a', 1_000)
  queue.addAfter('a', 10)
  queue.addAfter('a', 2_000)
  await vi.advanceTimersByTimeAsync(10)
  expect(seen).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(seen).toEqual(['a'])
  await end()
})

test('a key that is added while it is worked on is worked on again, never twice at once', async () => {
  let active = 0
  let most = 0
  let times = 0
  const { queue, end } = start(async () => {
    times += 1
    most = Math.max(most, (active += 1))
    await new Promise((resolve) => setTimeout(resolve, 10))
    active -= 1
  }, 4)
  queue.add('a')
  await vi.advanceTimersByTimeAsync(5)
  queue.add('a')
  queue.add('a')
  await vi.advanceTimersByTimeAsync(50)
  expect({ most, times }).toEqual({ most: 1, times: 2 })
  await end()
})

test('no more keys are worked on at once than there are workers', async () => {
  let active = 0
  let most = 0
  const { queue, end } = start(async () => {
    most = Math.max(most, (active += 1))
    await new Promise((resolve) => setTimeout(resolve, 10))
    active -= 1
  }, 3)
  for (let i = 0; i < 20; i += 1) queue.add(String(i))
  await vi.advanceTimersByTimeAsync(1000)
  expect(most).toBe(3)
  expect(queue.isIdle()).toBe(true)
  await end()
})

test('work that fails is tried again after growing delays, and a success starts over', async () => {
  let left = 3
  const { queue, errors, end } = start(async () => {
    if ((left -= 1) >= 0) throw new Error('no')
  })
  queue.add('a')
  await vi.advanceTimersByTimeAsync(0)
  expect(errors).toEqual(['a 1'])
  await vi.advanceTimersByTimeAsync(9)
  expect(errors).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(errors).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(20 + 40)
  expect(errors).toEqual(['a 1', 'a 2', 'a 3'])
  left = 1
  queue.add('a')
  await vi.advanceTimersByTimeAsync(0)
  expect(errors.at(-1)).toBe('a 1')
  await end()
})

test('of several delays of one key the earliest counts, and adding it at once cancels them', async () => {
  const seen: string[] = []
  const { queue, end } = start(async (key) => void seen.push(key))
  queue.addAfter('a', 100)
  queue.addAfter('a', 50)
  queue.addAfter('a', 200)
  await vi.advanceTimersByTimeAsync(49)
  expect(seen).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(seen).toEqual(['a'])
  queue.addAfter('b', 100)
  queue.add('b')
  await vi.advanceTimersByTimeAsync(500)
  expect(seen).toEqual(['a', 'b'])
  await end()
})

test('stopping waits for what is in hand and leaves no timer', async () => {
  let finished = false
  const { queue, end } = start(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    finished = true
  })
  queue.add('a')
  queue.addAfter('b', 60_000)
  await vi.advanceTimersByTimeAsync(1)
  const ended = end()
  await vi.advanceTimersByTimeAsync(10)
  await ended
  expect(finished).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('a queue whose keys keep adding each other lets sockets and timers through', async () => {
  vi.useRealTimers()
  let isOver = false
  const { queue, end } = start(async (key) => {
    if (isOver) return
    const next = Number(key) + 1
    queue.add(String(next % 100_000))
    queue.add(String((next + 7) % 100_000))
  })
  const others = new Promise<void>((resolve) => setImmediate(resolve))
  queue.add('0')
  await others
  isOver = true
  await end()
  expect(isOver).toBe(true)
})

test('a key that adds itself again and again is worked on at a walk, and another one is not held up by it', async () => {
  const seen = new Map<string, number>()
  const { queue, end } = start(async (key) => {
    seen.set(key, (seen.get(key) ?? 0) + 1)
    if (key === 'self') queue.add('self')
    if (key === 'ping') queue.add('pong')
    if (key === 'pong') queue.add('ping')
  }, 2)
  for (const key of ['self', 'ping']) queue.add(key)
  await settle(5)
  await vi.advanceTimersByTimeAsync(999)
  queue.add('quiet')
  await settle(5)
  expect(seen.get('quiet')).toBe(1)
  for (const key of ['self', 'ping', 'pong']) {
    expect(seen.get(key)).toBeGreaterThan(50)
    expect(seen.get(key)).toBeLessThan(110)
  }
  await end()
})

test.each([
  ['a minute, unless something else is said', undefined, 60_000],
  ['as long as is said of its failure', () => 300_000, 300_000],
])('what fails on and on waits at last for %s', async (_, longestRetryOf, expected) => {
  const at: number[] = []
  const work = async () => {
    at.push(performance.now())
    throw new Error('no')
  }
  const { queue, end } = start(work, 1, longestRetryOf)
  queue.add('a')
  await vi.advanceTimersByTimeAsync(3_600_000)
  const [before = 0, last = 0] = at.slice(-2)
  expect(Math.round(last - before)).toBe(expected)
  await end()
})
