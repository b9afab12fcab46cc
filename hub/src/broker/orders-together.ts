import type { BrokerOrder } from './broker-messages.ts'

/**
 * The orders of one turn of the loop as one message between the threads, in their order, with the bytes of all frames in one buffer: a change of
 * which a thousand nodes hear would otherwise be a thousand messages, and each wakes the thread. What it holds is what one turn has made.
 */
export function together(send: (orders: readonly BrokerOrder[], bytes: ArrayBuffer) => void) {
  let waiting: BrokerOrder[] = []
  let size = 0
  const flush = () => {
    if (waiting.length === 0) return
    const bytes = new Uint8Array(size)
    let at = 0
    const orders = waiting.map((order) => {
      if (order.type !== 'send') return order
      bytes.set(order.payload, at)
      const payload = bytes.subarray(at, at + order.payload.length)
      at += payload.length
      return { ...order, payload }
    })
    waiting = []
    size = 0
    send(orders, bytes.buffer)
  }
  return {
    give(order: BrokerOrder): void {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(order)
      if (order.type === 'send') size += order.payload.length
    },
    flush,
  }
}
