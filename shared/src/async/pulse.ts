import { longestTimerMs } from './sleep.ts'

/**
 * A bell between what changes and the loop that reacts. A ring while nobody waits is remembered, several are one,
 * so a change during the loop's work is never lost.
 */
export type Pulse = {
  ring(): void
  /** Resolves at the next ring, after `ms` (`Infinity`: with no end), or when the signal aborts; never throws. */
  wait(ms: number, signal: AbortSignal): Promise<'rung' | 'elapsed' | 'aborted'>
}

export function createPulse(): Pulse {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = undefined
          const result = signal.aborted ? 'aborted' : rung ? 'rung' : 'elapsed'
          rung = false
          resolve(result)
        }
        const timer = ms === Infinity ? undefined : setTimeout(done, Math.min(ms, longestTimerMs))
        signal.addEventListener('abort', done, { once: true })
        wake = done
        if (rung || signal.aborted) done()
      }),
  }
}
