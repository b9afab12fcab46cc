/** Calls of one pod that outlive the wait for them. */
export type LeftBehind = {
  /**
   * What the call answers; or the reason of `waiting` as soon as that aborts. The call goes on then, because one that is called off never
   * tells what it made: when it ends, `undo` takes that away.
   */
  call<T>(work: (signal: AbortSignal) => Promise<T>, undo: (made: T) => Promise<unknown>, waiting: AbortSignal): Promise<T>
  /** Resolves when all calls that were left have ended, and what they made is gone. */
  ended(): Promise<void>
}

/** `signal` ends the calls themselves: the agent stops, and the next one finds what they made. */
export function createLeftBehind(signal: AbortSignal, onProblem: (error: unknown) => void): LeftBehind {
  const left = new Set<Promise<void>>()

  const takeBack = async <T>(call: Promise<T>, undo: (made: T) => Promise<unknown>): Promise<void> => {
    let made: T
    try {
      made = await call
    } catch {
      return // nothing was made
    }
    try {
      await undo(made)
    } catch (error) {
      if (!signal.aborted) onProblem(error)
    }
  }

  return {
    async call(work, undo, waiting) {
      waiting.throwIfAborted()
      const call = work(signal)
      try {
        return await unlessAborted(call, waiting)
      } catch (error) {
        if (waiting.aborted) {
          const rest = takeBack(call, undo).finally(() => left.delete(rest))
          left.add(rest)
        }
        throw error
      }
    },
    async ended() {
      await Promise.all(left)
    },
  }
}

const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
