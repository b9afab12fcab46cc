import { nextTurn } from '@bramble/shared/async/turns.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRounds } from './rounds.ts'

beforeEach(async () => {
  // What ran before has used up a part of its turn of the loop, which may be all of it on a slow machine.
  await nextTurn()
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

it('each is called once a round, the first after a whole one, and all by one timer that goes with the last', () => {
  const rounds = createRounds(60_000, silentLog)
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
  const rounds = createRounds(50, silentLog)
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

it('thousands are called in turns, and not who has left by then', async () => {
  const rounds = createRounds(60_000, silentLog)
  const heard: number[] = []
  const leaves = Array.from({ length: 3000 }, () => rounds.join(() => heard.push(1)))
  vi.advanceTimersByTime(60_000)
  expect(heard.length).toBeLessThan(2999)
  leaves.at(-1)?.()
  while (heard.length < 2999) await nextTurn()
  await nextTurn()
  expect(heard).toHaveLength(2999)
  for (const leave of leaves) leave()
})

it('one that fails is told of and takes nobody along', () => {
  const told: unknown[] = []
  const rounds = createRounds(60_000, { ...silentLog, error: (fields) => told.push(fields) })
  const heard: string[] = []
  const error = new Error('no words for it')
  const leaves = ['a', 'b', 'c'].map((name) =>
    rounds.join(() => {
      if (name === 'a') throw error
      heard.push(name)
    }),
  )
  vi.advanceTimersByTime(60_000)
  vi.advanceTimersByTime(60_000)
  expect([heard, told]).toEqual([
    ['b', 'c', 'b', 'c'],
    [{ error }, { error }],
  ])
  for (const leave of leaves) leave()
})
