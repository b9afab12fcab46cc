import { expect, it } from 'vitest'
import { Gathering } from './gathering.ts'

it.each([0, 3, 1000])('bytes are put together in their order, whatever was expected: %s', (expected) => {
  const gathering = new Gathering(expected)
  expect(gathering.whole()).toEqual(Buffer.alloc(0))
  const pieces = Array.from({ length: 60 }, (_, n) => Buffer.alloc(n % 7, n))
  for (const piece of pieces) gathering.add(piece)
  expect(gathering.whole()).toEqual(Buffer.concat(pieces))
  expect(gathering.length).toBe(Buffer.concat(pieces).length)
})

it('what comes in one piece is that piece, and pieces stay what they were', () => {
  const [one, two] = [Buffer.from('one'), Buffer.from('two')]
  const gathering = new Gathering()
  gathering.add(one)
  expect(gathering.whole().buffer).toBe(one.buffer)
  gathering.add(two)
  expect([gathering.whole(), one, two].map(String)).toEqual(['onetwo', 'one', 'two'])
})
