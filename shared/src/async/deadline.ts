/** A signal of one piece of work; `dispose` lets go of the timer and of the signal above it. */
export type Deadline = Disposable & { readonly signal: AbortSignal; readonly hasPassed: boolean }

/**
 * Aborts after `ms`, or with the signal above. For calls that are many under a signal that lives long: `AbortSignal.any` leaves a trace
 * of each on the long-lived one in Node 20, and `AbortSignal.timeout` keeps its timer after the work is done.
 */
export function createDeadline(ms: number, above?: AbortSignal): Deadline {
  const controller = new AbortController()
  let hasPassed = false
  const timer = setTimeout(() => {
    hasPassed = true
    controller.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'))
  }, ms)
  const onAbort = () => controller.abort(above?.reason)
  if (above?.aborted) onAbort()
  above?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    get hasPassed() {
      return hasPassed
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      above?.removeEventListener('abort', onAbort)
    },
  }
}
