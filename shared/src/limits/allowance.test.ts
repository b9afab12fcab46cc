import { expect, test } from 'vitest'
import { createAllowance } from './allowance.ts'

test('each asker has a burst of its own, which comes back with time and never grows beyond itself', () => {
  let ms = 0
  const allowance = createAllowance({ clock: { now: () => ms, monotonic: () => ms }, burst: 3, perSecond: 1 })
  const take = (who: string, times: number) => Array.from({ length: times }, () => allowance.take(who))
  expect(take('a', 4)).toEqual([true, true, true, false])
  expect(take('b', 1)).toEqual([true])
  ms = 2000
  expect(take('a', 3)).toEqual([true, true, false])
  ms = 1_000_000
  expect(take('a', 4)).toEqual([true, true, true, false])
  expect(allowance.take('c', 4)).toBe(false)
})

test('many askers are forgotten when they have it all back, and none before', () => {
  let ms = 0
  const allowance = createAllowance({ clock: { now: () => ms, monotonic: () => ms }, burst: 1, perSecond: 1 })
  expect(allowance.take('greedy')).toBe(true)
  for (let index = 0; index < 1000; index++) {
    ms += 0.5
    allowance.take(`other-${index}`)
  }
  expect(allowance.take('greedy')).toBe(false)
})

test('of more askers than it remembers the one who has not asked for longest is forgotten, and no other', () => {
  let ms = 0
  const allowance = createAllowance({ clock: { now: () => ms, monotonic: () => ms }, burst: 2, perSecond: 1e-9, atMost: 2 })
  const take = (...askers: string[]) => askers.map((who) => allowance.take(who))
  expect(take('a', 'a', 'b', 'b', 'a', 'c')).toEqual([true, true, true, true, false, true])
  expect(take('a', 'b')).toEqual([false, true])
})

test('who is gone is forgotten at once, and nobody else', () => {
  const ms = 0
  const allowance = createAllowance({ clock: { now: () => ms, monotonic: () => ms }, burst: 1, perSecond: 1e-9 })
  const take = (...askers: string[]) => askers.map((who) => allowance.take(who))
  expect(take('a', 'b', 'a')).toEqual([true, true, false])
  allowance.forget('a')
  expect(take('a', 'b')).toEqual([true, false])
})
