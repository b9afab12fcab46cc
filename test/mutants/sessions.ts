import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/broker/session.ts',
    search: `const maxWatches = 2048`,
    replace: `const maxWatches = 2_000_000`,
    why: "a node's watches take all of the hub's memory",
    tests: ['test/conformance/mqtt/watch-limit.test.ts'],
  },
]
