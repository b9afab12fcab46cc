import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRounds } from './rounds.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('each is called once a round, the first after a whole one, and all by one timer that goes with the last', () => {
  const rounds = createRounds(60_000)
  const heard: string[] = []
  const leaves = ['a', 'b'].map((name) => rounds.join(() => heard.push(name)))
  vi.advanceTimersByTime(30_500)
  leaves.push(rounds.join(() => heard.push('late')))
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(29_499)
  expect(heard).toEqual([])
  vi.advanceTimersByTime(1)
  expect(heard).toEqual(['a', 'b'])
  vi.advanceTimersByTime(60_000)
  expect(heard).toEqual(['a', 'b', 'late', 'a', 'b'])
  leaves[0]?.()
  leaves[0]?.()
  vi.advanceTimersByTime(60_000)
  expect(heard.slice(5)).toEqual(['late', 'b'])
  for (const leave of leaves) leave()
  expect(vi.getTimerCount()).toBe(0)
})

it('who leaves or joins while all are called disturbs nobody, and a round shorter than a second is as long as it says', () => {
  const rounds = createRounds(50)
  const heard: string[] = []
  const leave = rounds.join(() => {
    heard.push('a')
    leave()
    rounds.join(() => heard.push('new'))
  })
  rounds.join(() => heard.push('b'))
  vi.advanceTimersByTime(50)
  expect(heard).toEqual(['a', 'b'])
  vi.advanceTimersByTime(50)
  expect(heard).toEqual(['a', 'b', 'b', 'new'])
})
