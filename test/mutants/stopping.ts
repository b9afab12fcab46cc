import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/process/stop-signals.ts',
    search: `const oneRequestMs = 3_000`,
    replace: `const oneRequestMs = 0`,
    why: `a signal that comes twice cuts the teardown`,
    tests: ['shared/src/process/stop-signals.test.ts'],
  },
  {
    file: 'shared/src/process/stop-signals.ts',
    search: `const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const`,
    replace: `const stopSignals = ['SIGINT', 'SIGTERM'] as const`,
    why: `a closed terminal leaves the cluster running`,
    tests: ['shared/src/process/stop-signals.test.ts'],
  },
]
