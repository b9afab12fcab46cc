import { ConfigError } from '@bramble/shared/process/config.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { BrokerEvent, BrokerOptions, BrokerOrder, BrokerTls } from './broker-messages.ts'
import type { StartBroker } from './broker-thread.ts'

export type BrokerDeps = Omit<BrokerOptions, 'firstConnection'> & {
  /** What runs the broker itself (`brokerInWorker`), which this thread so knows nothing of. */
  readonly start: StartBroker
  readonly log: Log
}

// More than one thread has in its life, and room for a million threads in a number.
const connectionsOfOne = 2 ** 32

/** The broker as the gateway sees it. */
export type Broker = {
  readonly service: Service
  /** The port it listens on; resolves with the first start. */
  listening(): Promise<number>
  /** The one who hears what happens; set before the service runs. */
  onEvent(listener: (event: BrokerEvent | { readonly type: 'lost' }) => void): void
  order(order: BrokerOrder): void
  /** A renewed certificate, for new connections. */
  useCertificate(tls: BrokerTls): void
}

/**
 * Starts the broker thread and starts it again when it dies; then `lost` tells that all connections went with it.
 * Nothing here queues without bound: both directions run on the credit that the gateway and the thread give each other.
 */
export function createBroker({ start, log, ...options }: BrokerDeps): Broker {
  let tls = options.tls
  let port = options.port
  // An answer to a connection that went with its thread (a node that is let in, a certificate) is never another connection's.
  let firstConnection = 1
  let listener: (event: BrokerEvent | { readonly type: 'lost' }) => void = () => {}
  let running: { order(order: BrokerOrder): void } | undefined
  let isListening: (port: number) => void
  const listening = new Promise<number>((resolve) => (isListening = resolve))

  const emit = (event: BrokerEvent) => {
    if (event.type === 'listening') {
      // A restarted thread must come back on the port that the nodes know.
      port = event.port
      isListening(event.port)
      log.info({ host: options.host, port }, 'broker listening')
    }
    listener(event)
  }

  return {
    listening: () => listening,
    onEvent: (next) => (listener = next),
    order: (order) => running?.order(order),
    useCertificate(next) {
      tls = next
      running?.order({ type: 'certificate', tls })
    },
    service: {
      name: 'broker',
      async run(signal) {
        const backoff = createBackoff({ firstMs: 200, maxMs: 10_000 })
        let hasStarted = false
        while (!signal.aborted) {
          const thread = start({ ...options, port, tls, firstConnection }, emit)
          firstConnection += connectionsOfOne
          running = thread
          try {
            await thread.ready
            hasStarted = true
            backoff.reset()
            await Promise.race([thread.ended, whenAborted(signal)])
          } catch (cause) {
            // The first start tells who gave us the port; later ones are ours to heal.
            if (!hasStarted) throw new ConfigError(whyNotListening(options.host, port, cause), { cause })
            log.error({ error: messageOf(cause) }, 'broker thread failed')
          } finally {
            running = undefined
            await thread.stop()
          }
          if (signal.aborted) return
          listener({ type: 'lost' })
          await sleep(backoff.next(), signal).catch(() => {})
        }
      },
    },
  }
}

const whyNotListening = (host: string, port: number, cause: unknown) =>
  messageOf(cause).includes('EADDRINUSE')
    ? `the MQTT port ${port} is in use by another program: stop that, or choose another port`
    : `the broker cannot listen on ${host}:${port}: ${messageOf(cause)}`
