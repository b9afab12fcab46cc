import { sleep } from './sleep.ts'

/** Yields at once and then each `ms` milliseconds until the signal aborts; never throws for the abort. */
export async function* every(ms: number, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield
    await sleep(ms, signal).catch(() => {})
  }
}
