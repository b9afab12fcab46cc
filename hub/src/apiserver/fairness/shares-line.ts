import type { Until } from '@bramble/shared/async/until.ts'
import type { Shares } from './shares.ts'

type Waiter = { readonly amount: number; readonly go: (has: boolean) => void }

/** How many of one may stand in line unless it is said otherwise, and of all; who comes then is refused. */
const inLineOfOne = 64
const inLine = 16 * 1024

/**
 * Shares for which one may also wait: each asker in a line of its own, so that who asks for much does not stand before the others.
 * Waiting costs no memory beyond the waiter, because what it would fill the share with has not been read.
 */
export function createLine(shares: Shares, { waitMs, ofOne = inLineOfOne }: { readonly waitMs: number; readonly ofOne?: number }) {
  const lines = new Map<string, Waiter[]>()
  let waiting = 0

  const leave = (who: string, waiter: Waiter) => {
    const line = lines.get(who)?.filter((each) => each !== waiter) ?? []
    if (line.length > 0) lines.set(who, line)
    else lines.delete(who)
  }
  /** In turns: whoever is served stands behind all others, where this comes by again. */
  const serve = () => {
    for (const [who, [waiter]] of lines) {
      // Thousands may stand here, and nobody would be given anything.
      if (shares.isFull()) return
      if (waiter === undefined || !shares.take(who, waiter.amount)) continue
      waiter.go(true)
      const rest = lines.get(who)
      if (rest === undefined) continue
      lines.delete(who)
      lines.set(who, rest)
    }
  }

  return {
    get taken() {
      return shares.taken
    },
    take: (who: string, amount: number): boolean => shares.take(who, amount),
    giveBack(who: string, amount: number): void {
      shares.giveBack(who, amount)
      serve()
    },
    /** False when there was no room in time, or no place in line. `until` is asked for its signal by those who wait, and most never do. */
    wait(who: string, amount: number, until: Until): boolean | Promise<boolean> {
      const line = lines.get(who) ?? []
      if (line.length === 0 && shares.take(who, amount)) return true
      if (line.length >= ofOne || waiting >= inLine) return false
      const { signal } = until
      if (signal.aborted) return false
      return new Promise((resolve) => {
        const go = (has: boolean) => {
          waiting -= 1
          clearTimeout(late)
          signal.removeEventListener('abort', onAbort)
          leave(who, waiter)
          resolve(has)
        }
        const waiter: Waiter = { amount, go }
        const onAbort = () => go(false)
        const late = setTimeout(onAbort, waitMs)
        signal.addEventListener('abort', onAbort, { once: true })
        lines.set(who, [...line, waiter])
        waiting += 1
      })
    },
  }
}
