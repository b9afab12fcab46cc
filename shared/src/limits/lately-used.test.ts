import { expect, test } from 'vitest'
import { LatelyUsed } from './lately-used.ts'

function createMemos(most: number) {
  const made: string[] = []
  const kept = new LatelyUsed(most)
  const memo = (name: string, size = 1) => kept.memo(size, () => (made.push(name), { name }))
  return { made, memo }
}

test('what is asked for again and again is made once', () => {
  const { made, memo } = createMemos(2)
  const [a, b] = [memo('a'), memo('b')]
  expect([a(), b(), a(), b(), a()].map(({ name }) => name)).toEqual(['a', 'b', 'a', 'b', 'a'])
  expect(made).toEqual(['a', 'b'])
})

test('what was used longest ago goes first and is made again when it is wanted', () => {
  const { made, memo } = createMemos(2)
  const [a, b, c] = [memo('a'), memo('b'), memo('c')]
  for (const each of [a, b, a, c, a, b]) each()
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

test('a large one makes room for itself, and is kept alone where it is larger than all the room', () => {
  const { made, memo } = createMemos(3)
  const [a, b, large] = [memo('a'), memo('b'), memo('large', 4)]
  for (const each of [a, b, large, large, a, large]) each()
  expect(made).toEqual(['a', 'b', 'large', 'a', 'large'])
})

test('what is asked for while another is made finds it', () => {
  const kept = new LatelyUsed(1)
  const inner = kept.memo(1, () => 'inner')
  const outer = kept.memo(1, () => `outer of ${inner()}`)
  expect([outer(), inner(), outer()]).toEqual(['outer of inner', 'inner', 'outer of inner'])
})
