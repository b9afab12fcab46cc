import { parentPort, workerData } from 'node:worker_threads'
import { startBrokerCore } from './broker-core.ts'
import type { BrokerEvent, BrokerOptions, BrokerOrder } from '../broker-messages.ts'

// The script of the broker thread: see `broker.ts`, which starts it.
const port = parentPort
if (port === null) throw new Error('the broker worker is started by the hub as a thread')
const emit = (event: BrokerEvent) => port.postMessage(event, 'payload' in event ? [event.payload.buffer as ArrayBuffer] : []) // a copy of its own, see `ownBytes`
const core = await startBrokerCore(workerData as BrokerOptions, emit)
port.on('message', (orders: readonly BrokerOrder[] | { readonly type: 'stop' }) => {
  if ('type' in orders) void core.close().then(() => port.close())
  else for (const order of orders) core.order(order)
})
