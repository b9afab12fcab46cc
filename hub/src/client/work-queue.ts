import { type Backoff, createBackoff } from '@bramble/shared/async/backoff.ts'
import { longestTimerMs } from '@bramble/shared/async/sleep.ts'
import { inNextTurn, isTurnOver } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'

export type Work = (key: string, signal: AbortSignal) => Promise<void>

export type WorkQueueDeps = {
  readonly clock: Clock
  /** How many keys are worked on at once. */
  readonly workers: number
  readonly random?: () => number
  /** A key's work failed for the `failures`th time in a row; it is tried again by itself. */
  readonly onError: (key: string, error: unknown, failures: number) => void
  /** How long a key waits at most after this failure; a minute where it says nothing. */
  readonly longestRetryOf?: (error: unknown) => number | undefined
}

/**
 * Keys waiting for work. A key is never worked on twice at once, and however often it is added while it waits, it is worked on
 * once; added while it is worked on, it follows again. Its bound is therefore the number of objects there are. Sockets and timers
 * have their turn between keys, and keys that keep adding themselves or each other are worked on at a walk.
 */
export type WorkQueue = {
  readonly add: (key: string) => void
  /** Adds the key after a delay; of several delays the earliest counts. */
  readonly addAfter: (key: string, ms: number) => void
  /** True when nothing waits (delays aside) and nothing is worked on. */
  readonly isIdle: () => boolean
  /** How many wait now; how often something was added, and how often again because it had failed. */
  readonly stats: WorkQueueStats
  /** Works until the signal aborts and what is in hand has ended. */
  readonly run: (work: Work, signal: AbortSignal) => Promise<void>
}

export type WorkQueueStats = { readonly depth: number; readonly adds: number; readonly retries: number }

const firstRetryMs = 10
const usualLongestMs = 60_000
const longestOfAllMs = 1000_000
/** More turns of one key in a second than any object needs; those that follow come one in `strideMs`. */
const turnsASecond = 50
const strideMs = 20

export function createWorkQueue({
  clock,
  workers,
  random = Math.random,
  onError,
  longestRetryOf = () => undefined,
}: WorkQueueDeps): WorkQueue {
  const waiting = new Set<string>()
  const active = new Set<string>()
  const again = new Set<string>()
  const failures = new Map<string, { count: number; readonly backoff: Backoff }>()
  const delayed = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>()
  let work: Work | undefined
  let signal: AbortSignal | undefined
  let pumpIsDue = false
  let adds = 0
  let retries = 0
  let onQuiet: (() => void) | undefined
  let second = { from: clock.monotonic(), turns: new Map<string, number>() }

  const isRunningHot = (key: string): boolean => {
    if (clock.monotonic() - second.from >= 1000) second = { from: clock.monotonic(), turns: new Map() }
    return (second.turns.get(key) ?? 0) >= turnsASecond
  }

  const cancelDelay = (key: string) => {
    clearTimeout(delayed.get(key)?.timer)
    delayed.delete(key)
  }

  const add = (key: string) => {
    adds += 1
    if (active.has(key)) {
      cancelDelay(key)
      again.add(key)
    } else if (isRunningHot(key)) delay(key, strideMs)
    else enter(key)
  }

  const enter = (key: string) => {
    cancelDelay(key)
    waiting.add(key)
    if (pumpIsDue) return
    pumpIsDue = true
    // After the events of one batch, so that ten changes of one object become one piece of work.
    queueMicrotask(pump)
  }

  const addAfter = (key: string, ms: number) => {
    if (signal?.aborted === true) return
    if (ms <= 0) add(key)
    else delay(key, ms)
  }

  const delay = (key: string, ms: number) => {
    if (signal?.aborted === true) return
    const at = clock.monotonic() + ms
    const earlier = delayed.get(key)
    if (earlier !== undefined && earlier.at <= at) return
    cancelDelay(key)
    delayed.set(key, { at, timer: setTimeout(() => onDelay(key), Math.min(ms, longestTimerMs)) })
  }

  const onDelay = (key: string) => {
    if (!active.has(key)) return enter(key)
    cancelDelay(key)
    again.add(key)
  }

  const pump = () => {
    pumpIsDue = false
    if (work === undefined || signal === undefined || signal.aborted) return
    for (const key of waiting) {
      if (active.size >= workers) return
      if (isTurnOver()) {
        pumpIsDue = true
        return inNextTurn(pump)
      }
      waiting.delete(key)
      active.add(key)
      second.turns.set(key, (second.turns.get(key) ?? 0) + 1)
      void perform(key, work, signal)
    }
  }

  const perform = async (key: string, doWork: Work, workSignal: AbortSignal) => {
    try {
      await doWork(key, workSignal)
      failures.delete(key)
    } catch (error) {
      if (!workSignal.aborted) {
        const failed = failures.get(key) ?? { count: 0, backoff: createBackoff({ firstMs: firstRetryMs, maxMs: longestOfAllMs, random }) }
        failures.set(key, failed)
        failed.count += 1
        retries += 1
        onError(key, error, failed.count)
        addAfter(key, Math.min(failed.backoff.next(), longestRetryOf(error) ?? usualLongestMs))
      }
    }
    active.delete(key)
    if (again.delete(key)) add(key)
    if (!pumpIsDue) pump()
    if (active.size === 0) onQuiet?.()
  }

  return {
    add,
    addAfter,
    isIdle: () => waiting.size === 0 && active.size === 0,
    get stats() {
      return { depth: waiting.size, adds, retries }
    },
    async run(doWork, runSignal) {
      work = doWork
      signal = runSignal
      pump()
      await whenAborted(runSignal)
      for (const { timer } of delayed.values()) clearTimeout(timer)
      delayed.clear()
      if (active.size > 0) await new Promise<void>((resolve) => (onQuiet = resolve))
      work = undefined
    },
  }
}
