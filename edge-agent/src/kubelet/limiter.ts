export type Limiter = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/**
 * Lets so many pieces of work run at a time; the others wait in order, and leave the line when their signal aborts. Work that is not done
 * after `patienceMs` goes on beside the others and its place is the next one's: what never ends costs itself alone.
 */
export function createLimiter(limit: number, { patienceMs }: { readonly patienceMs?: number } = {}): Limiter {
  let running = 0
  const waiting: (() => void)[] = []

  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave)
        running++
        resolve()
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(signal.reason)
      }
      if (running < limit) return go()
      waiting.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })

  return async (work, signal) => {
    signal.throwIfAborted()
    await turn(signal)
    let hasPlace = true
    const giveBack = () => {
      if (!hasPlace) return
      hasPlace = false
      running--
      waiting.shift()?.()
    }
    const late = patienceMs === undefined ? undefined : setTimeout(giveBack, patienceMs)
    try {
      return await work()
    } finally {
      clearTimeout(late)
      giveBack()
    }
  }
}
