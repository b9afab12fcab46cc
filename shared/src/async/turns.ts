// Node's own, so that a test which fakes time still takes turns.
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'

/** How long the loops of a thread may go on before sockets and timers have their turn. */
const turnMs = 10
/** The same by number, for steps so short that the time between two of them is not worth asking for. */
const turnSteps = 1000
/** A few steps are never cut, unless their loop says that each may be long: a machine that is slow for a moment does not make everything wait twice. */
const fewSteps = 8

// One for the whole thread, because the event loop is: several loops that feed each other share one turn.
let turn: { readonly startedAt: number; steps: number } | undefined

/**
 * True when a loop has to let others go first: `if (isTurnOver()) await nextTurn()`. For every loop that may find its next step
 * ready without waiting: promises alone never let Node reach its sockets.
 */
export function isTurnOver(neverCut = fewSteps): boolean {
  const now = performance.now()
  if (turn === undefined) {
    turn = { startedAt: now, steps: 0 }
    setImmediate(() => (turn = undefined))
  }
  turn.steps += 1
  return turn.steps > turnSteps || (turn.steps > neverCut && now - turn.startedAt >= turnMs)
}

/** Resolves after sockets and timers have had their turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Calls `next` after sockets and timers have had their turn. */
export const inNextTurn = (next: () => void): void => void setImmediate(next)
