import type { Mutant } from './mutant.ts'

/** Wall clocks that jump by decades, and what a container writes without end. */
export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `crashWaitUntil(memory.crashes.get(name), last.endedAt, now)`,
    replace: `crashWaitUntil(memory.crashes.get(name), last.finishedAt, now)`,
    why: 'a clock that is set restarts crashing containers hot, or holds them for years',
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/probes/prober.ts',
    search: `ranMs: isFirstLook ? ageOf(last, clock) : 0`,
    replace: `ranMs: Math.max(0, clock.now() - last.startedAt)`,
    why: 'a clock that is set forward skips the initial delay of probes',
    tests: ['edge-agent/src/kubelet/probes/prober.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/expiry.ts',
    search: `const now = clock.monotonic()`,
    replace: `const now = clock.now()`,
    why: 'a clock that is set forward drops every event at once',
    tests: ['hub/src/apiserver/objects/expiry.test.ts'],
  },
  {
    file: 'hub/src/controllers/pod-state.ts',
    search: `seenReady.fromTheStart ? 0 : now`,
    replace: `now`,
    why: 'a node in 1970 makes its pods available at once',
    tests: ['hub/src/controllers/replica-set/status.test.ts'],
  },
  {
    file: 'hub/src/identity/joining/tokens.ts',
    search: `if (isFromTheFuture(facts, clock.now()))`,
    replace: `if (isExpired(facts, clock.now()))`,
    why: 'a token made under a clock that ran ahead is good for years',
    tests: ['hub/src/identity/joining/enroll.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/resources/disk-guard.ts',
    search: `await cutLog(aside, maxLogBytes)`,
    replace: ``,
    why: 'a log that grows faster than it is looked at fills the card',
    tests: ['edge-agent/src/kubelet/resources/disk-guard.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/resources/disk-guard.ts',
    search: `if (writer === undefined) return cutLog(file, maxLogBytes)`,
    replace: `if (writer === undefined) return`,
    why: 'the log of a container that ended stays as large as it was',
    tests: ['edge-agent/src/kubelet/resources/disk-guard.test.ts'],
  },
  {
    file: 'edge-agent/src/cri/short-fields.ts',
    search: `toKeep = Math.min(length, maxFieldBytes)`,
    replace: `toKeep = length`,
    why: 'a probe whose command prints megabytes costs the agent as many',
    tests: ['edge-agent/src/cri/short-fields.test.ts'],
  },
]
