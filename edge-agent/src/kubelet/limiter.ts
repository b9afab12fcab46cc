export type Limiter = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** Lets so many pieces of work run at a time; the others wait in order, and leave the line when their signal aborts. */
export function createLimiter(limit: number): Limiter {
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
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}
