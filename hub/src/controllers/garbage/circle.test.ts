import { expect, test } from 'vitest'
import { findCircle } from './circle.ts'

const walk = (ways: Record<string, string[]>, start: string) => findCircle(start, (id) => ways[id] ?? [], String)

test.each<[string, Record<string, string[]>, string, string | undefined]>([
  ['one that waits for itself', { a: ['a'] }, 'a', 'a'],
  ['two that wait for each other', { a: ['b'], b: ['a'] }, 'b', 'a'],
  ['the way back behind a dead end', { a: ['x', 'b'], x: ['y'], b: ['c'], c: ['a'] }, 'a', 'b'],
  ['a chain', { a: ['b'], b: ['c'] }, 'a', undefined],
  ['one that waits for a circle without being in it', { a: ['b'], b: ['c'], c: ['b'] }, 'a', undefined],
])('a circle is found for what it is: %s', (_name, ways, start, first) => {
  expect(walk(ways, start)).toBe(first)
})

test('many ways to the same place cost one look each', () => {
  let looks = 0
  const layers = (id: string): string[] => {
    looks += 1
    const layer = Number(id.split('.')[0])
    return layer === 30 ? [] : ['0', '1', '2'].map((each) => `${layer + 1}.${each}`)
  }
  expect(findCircle('0.0', layers, String)).toBeUndefined()
  expect(looks).toBeLessThanOrEqual(1 + 30 * 3)
})
