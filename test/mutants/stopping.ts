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
  {
    file: 'shared/src/process/last-line.ts',
    search: `    // It is lost.`,
    replace: `    throw new Error('lost')`,
    why: `a stuck hub whose log nobody reads is ended by nobody`,
    tests: ['shared/src/process/watchdog.test.ts'],
  },
  {
    file: 'shared/src/process/overdue.ts',
    search: `stop.addEventListener('abort'`,
    replace: `stop.addEventListener('never'`,
    why: `a hub whose stop hangs is there for ever`,
    tests: ['shared/src/process/overdue.test.ts'],
  },
  {
    file: 'hub/src/broker/thread/keepalive.ts',
    search: `packet.keepalive = maxKeepaliveSeconds`,
    replace: `packet.keepalive = keepalive`,
    why: `a machine that stood still for a moment loses its nodes`,
    tests: ['test/conformance/mqtt/standing-still.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/vanished.ts',
    search: `looks >= looksUntilGone`,
    replace: `looks > 1000`,
    why: `a command runs for a quarter of an hour for a caller who has vanished`,
    tests: ['hub/src/apiserver/http/vanished.test.ts'],
  },
]
