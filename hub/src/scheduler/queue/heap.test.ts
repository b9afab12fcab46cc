import { expect, test } from 'vitest'
import { Heap } from './heap.ts'

test('whatever is put in in whatever order comes out in order, also after some were dropped', () => {
  let seed = 7
  const random = () => (seed = (seed * 48_271) % 2_147_483_647)
  for (let round = 0; round < 50; round += 1) {
    const heap = new Heap<number>((a, b) => a < b)
    const numbers = Array.from({ length: round }, () => random() % 20)
    for (const number of numbers) heap.put(number)
    heap.keepOnly((number) => number % 3 !== 0)
    const wanted = numbers.filter((number) => number % 3 !== 0).sort((a, b) => a - b)
    expect(heap.size).toBe(wanted.length)
    expect(heap.first).toBe(wanted[0])
    expect(Array.from({ length: wanted.length + 1 }, () => heap.take())).toEqual([...wanted, undefined])
  }
})
