import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Log } from '@bramble/shared/logging/log.ts'

/** Whoever joins is called each round from then on; the function leaves. */
export type Rounds = { join(call: () => void): () => void }

// A thousand agents follow four resources each, and a timer for each of those would wake a thread that sleeps.
const stepMs = 1000

/**
 * Calls many, each once every so often, in one waking a second: those who joined in the same second together, with turns in between. Sleeps
 * while nobody is there.
 */
export function createRounds(everyMs: number, log: Log): Rounds {
  const step = Math.min(stepMs, everyMs)
  const places = Array.from({ length: Math.round(everyMs / step) }, () => new Set<() => void>())
  const busy = new Set<ReadonlySet<() => void>>()
  let [at, all] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  const next = () => {
    at = (at + 1) % places.length
    const place = places[at]
    // A round that is not over yet is not begun again.
    if (place !== undefined && !busy.has(place)) void callAll(place)
  }
  const callAll = async (place: ReadonlySet<() => void>) => {
    busy.add(place)
    for (const call of [...place]) {
      if (isTurnOver()) await nextTurn()
      if (!place.has(call)) continue
      try {
        call()
      } catch (error) {
        log.error({ error }, 'one of a round failed')
      }
    }
    busy.delete(place)
  }
  return {
    join(call) {
      const place = places[at]
      const own = () => call()
      place?.add(own)
      all += 1
      timer ??= setInterval(next, step)
      return () => {
        if (place?.delete(own) !== true) return
        all -= 1
        if (all > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}
