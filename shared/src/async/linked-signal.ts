import { setMaxListeners } from 'node:events'

/** A signal of one piece of work below others; `dispose` lets go of those. */
export type LinkedSignal = Disposable & {
  readonly signal: AbortSignal
  /** Aborts this signal alone. */
  abort(reason?: unknown): void
}

/**
 * Aborts with the first of the signals above that does, or by its own `abort`. The only way to compose signals here: Node 20 keeps a
 * little of every `AbortSignal.any` for as long as the signals live that it was made of, which adds up to megabytes a day.
 */
export function linkSignals(...above: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController()
  // Who waits below it is as many as the work has parts; each takes its listener away.
  setMaxListeners(0, controller.signal)
  const sources = above.filter((signal) => signal !== undefined)
  const release = () => {
    for (const source of sources) source.removeEventListener('abort', onAbort)
  }
  const abort = (reason?: unknown) => {
    release()
    controller.abort(reason)
  }
  const onAbort = (event: Event) => abort((event.target as AbortSignal).reason) // listened to on signals only
  const aborted = sources.find((signal) => signal.aborted)
  if (aborted !== undefined) controller.abort(aborted.reason)
  else
    for (const source of sources) {
      setMaxListeners(0, source)
      source.addEventListener('abort', onAbort, { once: true })
    }
  return { signal: controller.signal, abort, [Symbol.dispose]: release }
}
