import { expect, it } from 'vitest'
import { createTurns } from './turns.ts'

it('a person waits for one request of a fleet, and a node for one of each other node', async () => {
  let ms = 0
  // Every look at the clock is a turn's time.
  const turns = createTurns({ now: () => 0, monotonic: () => (ms += 5) })
  const order: string[] = []
  const ask = async (group: string, who: string) => {
    await turns.wait(group, who)
    order.push(who)
  }
  const nodes = ['now', ...Array.from({ length: 100 }, (_, index) => `node-${index}`), 'node-0']
  const all = [...nodes.map((name) => ask('nodes', name)), ask('administrators', 'somebody'), ask('others', 'a'), ask('others', 'a')]
  await Promise.all(all)
  expect(order.indexOf('somebody')).toBe(2)
  expect(order.slice(0, 7)).toEqual(['now', 'node-0', 'somebody', 'a', 'node-1', 'a', 'node-2'])
  expect(order.slice(-2)).toEqual(['node-99', 'node-0'])
})
