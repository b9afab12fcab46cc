import { spentBuffers } from '@bramble/shared/process/spent-buffers.ts'
import { isWhole, together, unpack, type Packed } from '../packed.ts'
import { parentPort, workerData } from 'node:worker_threads'
import { startBrokerCore } from './broker-core.ts'
import type { BrokerEvent, BrokerOptions, BrokerOrder } from '../broker-messages.ts'

// The script of the broker thread: see `broker.ts`, which starts it.
const port = parentPort
if (port === null) throw new Error('the broker worker is started by the hub as a thread')
const events = together<BrokerEvent>((packed, transfer) => port.postMessage(packed, transfer))
const onBytes = spentBuffers()
const core = await startBrokerCore(workerData as BrokerOptions, (event) => {
  if (event.type === 'frame' && isWhole(event.payload)) onBytes(event.payload.length)
  events.give(event)
})
port.on('message', (orders: Packed<BrokerOrder> | { readonly type: 'stop' }) => {
  if ('type' in orders) void core.close().then(() => (events.flush(), port.close()))
  else {
    unpack(orders, core.order)
    for (const { length } of orders.whole) onBytes(length)
  }
})
