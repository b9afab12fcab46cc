import { connect } from 'node:net'
import { createCodec } from '@bramble/shared/protobuf/table-codec.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { isCriError } from './cri-error.ts'
import { createGrpc } from './grpc.ts'
import { enums, messages, type Read } from './messages.ts'

/** Something happened to a container (or to a sandbox, whose id is one too); `relist` asks to look at everything again. */
export type CriEvent = { readonly type: 'exit' | 'oom'; readonly containerId: string } | { readonly type: 'relist' }

/** Tells what changed in the runtime. One listener; it is called soon after the fact and must return at once. */
export type CriEvents = { readonly service: Service; listen(listener: (event: CriEvent) => void): () => void }

export type CriEventsDeps = { readonly socketPath: string; readonly log: Log; readonly containerdNamespace?: string }

// With events the relist only covers what a lost event left behind; without (CRI-O) it is all there is.
const relistWithEventsMs = 30_000
const relistAloneMs = 1000
// A runtime that has just started loses events while it finds its containers again: look, each so long after the last look.
const looksAfterSubscribingMs = [1000, 3000, 6000]

/** containerd's own events, which CRI-O does not have, and a relist as back-up: slow beside events, quick without. */
export function createCriEvents({ socketPath, log, containerdNamespace = 'k8s.io' }: CriEventsDeps): CriEvents {
  const codec = createCodec({ messages, enums })
  const listeners = new Set<(event: CriEvent) => void>()
  const tell = (event: CriEvent) => {
    for (const listener of listeners) listener(event)
  }
  let hasEvents = false
  // Cuts the wait for the next relist short when its pace changes.
  let paceChanged = () => {}
  const setEvents = (has: boolean) => {
    if (hasEvents === has) return
    hasEvents = has
    paceChanged()
  }

  const lookAgain = async (signal: AbortSignal) => {
    for (const ms of looksAfterSubscribingMs) {
      await sleep(ms, signal).catch(() => {})
      if (signal.aborted) return
      tell({ type: 'relist' })
    }
  }

  const subscribe = async (signal: AbortSignal) => {
    const backoff = createBackoff({ firstMs: 200, maxMs: 10_000 })
    while (!signal.aborted) {
      const grpc = createGrpc(() => connect(socketPath))
      using attempt = linkSignals(signal)
      try {
        const filters = ['/tasks/exit', '/tasks/oom'].map((topic) => `namespace==${containerdNamespace},topic=="${topic}"`)
        const message = codec.encode('SubscribeRequest', { filters })
        const stream = grpc.stream({ path: '/containerd.services.events.v1.Events/Subscribe', message, signal })
        setEvents(true)
        tell({ type: 'relist' }) // what happened before the subscription
        void lookAgain(attempt.signal)
        for await (const bytes of stream) {
          backoff.reset()
          const event = decodeEvent(codec.decode('Envelope', bytes) as Read<'Envelope'>, codec)
          if (event) tell(event)
        }
      } catch (error) {
        if (signal.aborted) return
        setEvents(false)
        if (isCriError(error, 'UNIMPLEMENTED')) {
          log.info({ relistMs: relistAloneMs }, 'runtime has no events, relisting instead')
          return
        }
        log.debug({ error }, 'runtime events interrupted')
      } finally {
        attempt.abort()
        grpc.close()
      }
      setEvents(false)
      await sleep(backoff.next(), signal).catch(() => {})
    }
  }

  const relist = async (signal: AbortSignal) => {
    const end = () => paceChanged()
    signal.addEventListener('abort', end, { once: true })
    while (!signal.aborted) {
      const pace = new AbortController()
      paceChanged = () => pace.abort()
      await sleep(hasEvents ? relistWithEventsMs : relistAloneMs, pace.signal).catch(() => {})
      if (!pace.signal.aborted) tell({ type: 'relist' })
    }
  }

  return {
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    service: {
      name: 'cri-events',
      async run(signal) {
        await Promise.all([subscribe(signal), relist(signal)])
      },
    },
  }
}

function decodeEvent({ topic, event }: Read<'Envelope'>, codec: ReturnType<typeof createCodec>): CriEvent | undefined {
  if (!event) return undefined
  if (topic === '/tasks/oom') return { type: 'oom', containerId: (codec.decode('TaskOOM', event.value) as Read<'TaskOOM'>).containerId }
  if (topic !== '/tasks/exit') return undefined
  const { containerId, id } = codec.decode('TaskExit', event.value) as Read<'TaskExit'>
  return id === containerId ? { type: 'exit', containerId } : undefined // another id is a process of ExecSync
}
