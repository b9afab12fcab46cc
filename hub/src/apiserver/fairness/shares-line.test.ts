import { expect, it } from 'vitest'
import { createShares } from './shares.ts'
import { createLine } from './shares-line.ts'

const until = new AbortController()

it('who always has somebody waiting is served in turns with those who came after', async () => {
  // Two have a place each; a third is free, which nobody would have as much of as the others.
  const line = createLine(createShares(3), { waitMs: 60_000 })
  const served: string[] = []
  const ask = async (who: string) => {
    if (!(await line.wait(who, 1, until))) throw new Error('no place')
    served.push(who)
  }
  const asked = [ask('first'), ask('second')]
  for (const who of ['first', 'first', 'first', 'second', 'second', 'late']) asked.push(ask(who))
  const inside = ['first', 'second']
  for (let turn = 0; turn < 6; turn++) {
    line.giveBack(inside.shift() ?? '', 1)
    await Promise.resolve()
    await Promise.resolve()
    inside.push(served.at(-1) ?? '')
  }
  await Promise.all(asked)
  expect(served).toEqual(['first', 'second', 'first', 'second', 'late', 'first', 'second', 'first'])
  for (const who of inside) line.giveBack(who, 1)
  expect(line.taken).toBe(0)
})

it('all for whom there is room are served at once, in the order in which they came', async () => {
  const line = createLine(createShares(100, 10), { waitMs: 60_000 })
  expect(line.take('greedy', 10)).toBe(true)
  const waits = [4, 3, 3].map((amount) => line.wait('greedy', amount, until))
  line.giveBack('greedy', 10)
  expect(await Promise.all(waits)).toEqual([true, true, true])
  line.giveBack('greedy', 10)
  expect(line.taken).toBe(0)
})
