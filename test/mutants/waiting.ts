import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/async/pulse.ts',
    search: `if (rung || signal.aborted) done()`,
    replace: `if (signal.aborted) done()`,
    why: 'a change during the work of a loop is seen at its next look only',
    tests: ['shared/src/async/pulse.test.ts'],
  },
  {
    file: 'shared/src/async/async-queue.ts',
    search: `this.#closed || this.#items.length >= this.#limit`,
    replace: `this.#closed`,
    why: 'a reader who is slow fills the memory',
    tests: ['shared/src/async/async-queue.test.ts'],
  },
  {
    file: 'shared/src/async/backoff.ts',
    search: `Math.min(maxMs, step * factor)`,
    replace: `step * factor`,
    why: 'a node that was away for a night comes back a day later',
    tests: ['shared/src/async/backoff.test.ts'],
  },
  {
    file: 'shared/src/async/backoff.ts',
    search: `(0.1 + 0.9 * random())`,
    replace: `1`,
    why: 'a fleet comes back to its hub in step',
    tests: ['shared/src/async/backoff.test.ts'],
  },
  {
    file: 'shared/src/async/sleep.ts',
    search: `Math.min(ms, longestTimerMs)`,
    replace: `ms`,
    why: 'a wait of a month is none: the loop that has it spins',
    tests: ['shared/src/async/sleep.test.ts'],
  },
  {
    file: 'shared/src/async/deadline.ts',
    search: `Math.min(ms, longestTimerMs)`,
    replace: `ms`,
    why: 'a pod with a grace of a month is killed at once',
    tests: ['shared/src/async/deadline.test.ts'],
  },
  {
    file: 'shared/src/async/opened-before.ts',
    search: `      close()
      return items`,
    replace: `      return items`,
    why: 'a watch that nobody reads stays open',
    tests: ['shared/src/async/opened-before.test.ts'],
  },
  {
    file: 'hub/src/apiserver/news/rounds.ts',
    search: `      if (isTurnOver()) await nextTurn()\n`,
    replace: ``,
    why: 'the bookmarks of a fleet that came in one second stop the loop every minute',
    tests: ['hub/src/apiserver/news/rounds.test.ts'],
  },
]
