import { Worker } from 'node:worker_threads'
import type { BrokerEvent, BrokerOptions, BrokerOrder } from './broker-messages.ts'
import { type Packed, together, unpack } from './packed.ts'

/** A broker at work, from its start to its end. */
export type BrokerThread = {
  readonly ready: Promise<unknown>
  /** Rejects when the thread dies. */
  readonly ended: Promise<never>
  order(order: BrokerOrder): void
  stop(): Promise<void>
}

export type StartBroker = (options: BrokerOptions, emit: (event: BrokerEvent) => void) => BrokerThread

/** The bundled `worker.ts` (`dist/broker-worker.mjs`) in a thread of its own. */
export const brokerInWorker =
  (url: URL): StartBroker =>
  (options, emit) => {
    // A broker that leaks ends alone, and is started again.
    const worker = new Worker(url, { workerData: options, name: 'broker', resourceLimits: { maxOldGenerationSizeMb: 192 } })
    const exited = new Promise<number>((resolve) => worker.once('exit', resolve))
    const ended = new Promise<never>((_, reject) => {
      worker.once('error', reject)
      void exited.then((code) => reject(new Error(`the broker thread exited with ${code}`)))
    })
    ended.catch(() => {}) // awaited by the service only after `ready`
    const orders = together<BrokerOrder>((packed, transfer) => worker.postMessage(packed, transfer))
    const ready = new Promise<void>((resolve) => {
      worker.on('message', (events: Packed<BrokerEvent>) =>
        unpack(events, (event) => {
          emit(event)
          if (event.type === 'listening') resolve()
        }),
      )
    })
    return {
      ready: Promise.race([ready, ended]),
      ended,
      order: orders.give,
      async stop() {
        orders.flush()
        worker.postMessage({ type: 'stop' }, [])
        const deadline = setTimeout(() => void worker.terminate(), 3000)
        await exited
        clearTimeout(deadline)
      },
    }
  }
