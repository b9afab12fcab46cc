import { linkSignals } from './linked-signal.ts'
import { longestTimerMs } from './sleep.ts'

/** A signal of one piece of work; `dispose` lets go of the timer and of the signal above it. */
export type Deadline = Disposable & { readonly signal: AbortSignal; readonly hasPassed: boolean }

/** Aborts after `ms`, or with the signal above. `AbortSignal.timeout` keeps its timer after the work is done; this one does not. */
export function createDeadline(ms: number, above?: AbortSignal): Deadline {
  const linked = linkSignals(above)
  let hasPassed = false
  const timer = setTimeout(
    () => {
      hasPassed = true
      linked.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'))
    },
    Math.min(ms, longestTimerMs),
  )
  return {
    signal: linked.signal,
    get hasPassed() {
      return hasPassed
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      linked[Symbol.dispose]()
    },
  }
}
