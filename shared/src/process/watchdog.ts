import { Worker } from 'node:worker_threads'

/** How often another thread looks; five looks without a beat are the end. */
export type SignsOfLife = { readonly beats: Int32Array<SharedArrayBuffer>; readonly lookMs: number }

export type WatchdogDeps = {
  /** The bundle of `watchdog-worker.ts`. */
  readonly worker: URL
  readonly lookMs?: number
  /** The process works as well without it, only unwatched. */
  readonly onFailed: (error: unknown) => void
}

/** What `watchOver` in another thread looks at: it beats for as long as the loop of this one goes round. */
export function signsOfLife(lookMs = 2_000): SignsOfLife {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.add(beats, 0, 1), lookMs / 2).unref()
  return { beats, lookMs }
}

/**
 * Ends this process when its event loop has stood still for ten seconds, with the stack of what holds it in the log: whoever started
 * it starts it again, which no stuck process can be asked to do. In a thread of its own, because the one that is stuck cannot watch; a
 * process that has another thread all its life lets that watch over it instead.
 */
export function startWatchdog({ worker, lookMs, onFailed }: WatchdogDeps): void {
  // It only counts: the smallest heap Node starts with, because the agent's board has little.
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }
  const thread = new Worker(worker, { workerData: signsOfLife(lookMs), name: 'watchdog', resourceLimits })
  thread.unref()
  thread.on('error', (error) => onFailed(error))
}
