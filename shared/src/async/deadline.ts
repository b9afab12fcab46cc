import { type LinkedSignal, linkSignals } from './linked-signal.ts'
import { longestTimerMs } from './sleep.ts'

/** A signal of one piece of work; `dispose` lets go of the timer and of the signal above it. */
export type Deadline = Disposable & { readonly signal: AbortSignal; readonly hasPassed: boolean }

/** Aborts after `ms`, or with the signal above. `AbortSignal.timeout` keeps its timer after the work is done; this one does not. */
export const createDeadline = (ms: number, above?: AbortSignal): Deadline => new TimedSignal(ms, above)

// A class, for the reason of `frame.ts`: a literal with getters lies in the old generation with all that they see.
class TimedSignal implements Deadline {
  readonly #linked: LinkedSignal
  readonly #timer: NodeJS.Timeout
  #hasPassed = false

  constructor(ms: number, above: AbortSignal | undefined) {
    this.#linked = linkSignals(above)
    const pass = () => {
      this.#hasPassed = true
      this.#linked.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'))
    }
    this.#timer = setTimeout(pass, Math.min(ms, longestTimerMs))
  }

  get signal(): AbortSignal {
    return this.#linked.signal
  }

  get hasPassed(): boolean {
    return this.#hasPassed
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#linked[Symbol.dispose]()
  }
}
