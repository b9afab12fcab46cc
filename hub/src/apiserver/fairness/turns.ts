import type { Clock } from '@bramble/shared/clock.ts'

/** Longer than this no burst of requests keeps the loop from its other connections. A GET takes a fiftieth of it, a large list all. */
const turnMs = 5

/**
 * Who begins a request when. As long as the requests of this turn of the loop have not used up its time, one begins at once; beyond that
 * they go one by one, of each asker in rotation, and the loop serves its other connections in between.
 */
export function createTurns(clock: Clock) {
  const waiting = new Map<string, (() => void)[]>()
  let startedAt: number | undefined

  const next = () => {
    startedAt = undefined
    const [first] = waiting
    if (first === undefined) return
    const [who, queue] = first
    waiting.delete(who)
    const go = queue.shift()
    if (queue.length > 0) waiting.set(who, queue) // behind the others
    begin()
    go?.()
  }
  const begin = () => {
    startedAt = clock.monotonic()
    setImmediate(next)
  }

  return {
    /** Undefined: at once. How many wait is bounded by who lets them in. */
    wait(who: string): Promise<void> | undefined {
      if (startedAt === undefined) {
        begin()
        return undefined
      }
      if (waiting.size === 0 && clock.monotonic() - startedAt < turnMs) return undefined
      return new Promise((resolve) => {
        const queue = waiting.get(who)
        if (queue === undefined) waiting.set(who, [resolve])
        else queue.push(resolve)
      })
    },
  }
}
