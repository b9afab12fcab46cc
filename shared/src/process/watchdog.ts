import { Worker } from 'node:worker_threads'

export type WatchdogDeps = {
  /** The bundle of `watchdog-worker.ts`. */
  readonly worker: URL
  /** How often it looks; five looks without a sign of life are the end. */
  readonly lookMs?: number
  /** The process works as well without it, only unwatched. */
  readonly onFailed: (error: unknown) => void
}

export type WatchdogOptions = { readonly beats: Int32Array<SharedArrayBuffer>; readonly lookMs: number }

/**
 * Ends this process when its event loop has stood still for ten seconds, with the stack of what holds it in the log: whoever started
 * it starts it again, which no stuck process can be asked to do. In a thread of its own, because the one that is stuck cannot watch.
 */
export function startWatchdog({ worker, lookMs = 2_000, onFailed }: WatchdogDeps): void {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.add(beats, 0, 1), lookMs / 2).unref()
  const options: WatchdogOptions = { beats, lookMs }
  // It only counts: the smallest heap Node starts with, because the agent's board has little.
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 }
  const thread = new Worker(worker, { workerData: options, name: 'watchdog', resourceLimits })
  thread.unref()
  thread.on('error', (error) => onFailed(error))
}
