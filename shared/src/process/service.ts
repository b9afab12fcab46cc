import { linkSignals } from '../async/linked-signal.ts'
import { sleep } from '../async/sleep.ts'

/** A long-lived part of a process. `run` returns once the signal has aborted and everything it opened is closed. */
export type Service = {
  readonly name: string
  run(signal: AbortSignal): Promise<void>
}

/**
 * Runs every service until the signal aborts. The first service to fail takes the others down with it,
 * and its error is thrown when all have closed.
 */
export async function runAll(services: readonly Service[], signal: AbortSignal): Promise<void> {
  using group = linkSignals(signal)
  const all = group.signal
  const failures: unknown[] = []
  await Promise.all(
    services.map(async ({ name, run }) => {
      try {
        await run(all)
        if (!all.aborted) throw new Error(`service ${name} ended although nobody asked it to`)
      } catch (cause) {
        if (!isAbort(cause, all)) failures.push(new Error(`service ${name} failed: ${messageOf(cause)}`, { cause }))
        group.abort()
      }
    }),
  )
  if (failures.length > 0) throw failures[0]
}

/**
 * Runs some services on top of others, which are told to stop when all of those have ended: what is in hand above may use them to its end.
 * When one below ends, all do.
 */
export async function runOnTopOf(below: readonly Service[], above: readonly Service[], signal: AbortSignal): Promise<void> {
  using foundation = linkSignals()
  using rest = linkSignals(signal)
  const ended = await Promise.allSettled([
    runAll(below, foundation.signal).finally(() => rest.abort()),
    runAll(above, rest.signal).finally(() => foundation.abort()),
  ])
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

/** A service that begins when something is there, or after `withinMs` without it. */
export const startAfter = (service: Service, ready: () => Promise<unknown>, withinMs: number): Service => ({
  name: service.name,
  async run(signal) {
    using waiting = linkSignals(signal)
    await Promise.race([ready(), sleep(withinMs, waiting.signal).catch(() => {})])
    waiting.abort()
    if (!signal.aborted) await service.run(signal)
  },
})

/** True when an error is nothing but the echo of our own abort. */
export const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))

/** The text of whatever was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
