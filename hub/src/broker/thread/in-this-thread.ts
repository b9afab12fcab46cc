import type { StartBroker } from '../broker-thread.ts'
import { startBrokerCore } from './broker-core.ts'

/** The broker without a thread of its own: for tests. */
export const brokerInThisThread: StartBroker = (options, emit) => {
  const core = startBrokerCore(options, emit)
  return {
    ready: core,
    ended: new Promise<never>(() => {}),
    order: (order) => void core.then((started) => started.order(order)),
    stop: () => core.then((started) => started.close()).catch(() => {}),
  }
}
