import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ackBytes } from './limits.ts'
import { Owed } from './owed.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const open = () => {
  const told: number[] = []
  return { told, owed: new Owed({ monotonic: () => Date.now() }, (bytes) => told.push(bytes)) }
}

test('a lump is told of at once, and less than one not by itself', () => {
  const { told, owed } = open()
  owed.add(ackBytes - 1)
  expect(told).toEqual([])
  owed.add(1)
  expect(told).toEqual([ackBytes])
  owed.add(5)
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([ackBytes])
  owed.tell()
  expect(told).toEqual([ackBytes, 5])
})

test('what comes right after it is told of together', () => {
  const { told, owed } = open()
  for (let times = 0; times < 4; times += 1) owed.add(ackBytes)
  expect(told).toEqual([ackBytes])
  vi.advanceTimersByTime(2)
  expect(told).toEqual([ackBytes, 3 * ackBytes])
})

test('so much that its sender may wait for it is told of without waiting', () => {
  const { told, owed } = open()
  for (let times = 0; times < 9; times += 1) owed.add(ackBytes)
  expect(told).toEqual([ackBytes, 8 * ackBytes])
})

test('what is forgotten leaves no timer', () => {
  const { told, owed } = open()
  owed.add(ackBytes)
  owed.add(ackBytes)
  owed.forget()
  vi.advanceTimersByTime(60_000)
  expect([told, vi.getTimerCount()]).toEqual([[ackBytes], 0])
})
