import { expect, it } from 'vitest'
import type { BrokerOrder } from './broker-messages.ts'
import { together } from './orders-together.ts'

it('the orders of one turn are one message, in their order, each frame with its own bytes', async () => {
  const sent: BrokerOrder[][] = []
  const { give, flush } = together((orders, bytes) => sent.push(structuredClone([...orders], { transfer: [bytes] })))
  give({ type: 'send', connection: 1, payload: Buffer.from('one') })
  give({ type: 'read', connection: 1, bytes: 7, asked: 0 })
  give({ type: 'send', connection: 2, payload: Buffer.from('') })
  give({ type: 'send', connection: 2, payload: Buffer.from('three') })
  give({ type: 'close', connection: 1 })
  expect(sent).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(
    sent.map((orders) => orders.map((order) => (order.type === 'send' ? `${order.connection} ${Buffer.from(order.payload)}` : order.type))),
  ).toEqual([['1 one', 'read', '2 ', '2 three', 'close']])
  give({ type: 'close', connection: 2 })
  flush()
  expect(sent).toHaveLength(2)
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toHaveLength(2)
})
