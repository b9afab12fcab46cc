import { expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

test('a queue that is full says so, and takes nothing', async () => {
  const queue = new AsyncQueue<number>(2)
  expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, false])
  expect(queue.size).toBe(2)
  queue.close()
  const read: number[] = []
  for await (const item of queue) read.push(item)
  expect(read).toEqual([1, 2])
})

test('what was queued before the end is read before it: an error comes last', async () => {
  const queue = new AsyncQueue<number>(10)
  queue.push(1)
  queue.close(new Error('over'))
  queue.close(new Error('again'))
  expect(queue.push(2)).toBe(false)
  const read: number[] = []
  await expect(
    (async () => {
      for await (const item of queue) read.push(item)
    })(),
  ).rejects.toThrow('over')
  expect(read).toEqual([1])
})

test('a reader who leaves closes the queue, so that its writer hears of it', async () => {
  const queue = new AsyncQueue<number>(10)
  for (const item of [1, 2]) queue.push(item)
  for await (const _ of queue) break
  expect(queue.closed).toBe(true)
  expect(queue.size).toBe(0)
  expect(queue.push(3)).toBe(false)
})

test('whoever waits hears of an item, of the end and of an error, each once', async () => {
  const queue = new AsyncQueue<number>(10)
  const reader = queue[Symbol.asyncIterator]()
  const waits = reader.next()
  queue.push(1)
  expect(await waits).toEqual({ done: false, value: 1 })
  const ends = reader.next()
  queue.close(new Error('over'))
  await expect(ends).rejects.toThrow('over')
  expect(await reader.next()).toEqual({ done: true, value: undefined })
})

test('a reader who is waiting when he leaves is told that it is over', async () => {
  const queue = new AsyncQueue<number>(10)
  const reader = queue[Symbol.asyncIterator]()
  const waits = reader.next()
  await reader.return?.()
  expect(await waits).toEqual({ done: true, value: undefined })
})
