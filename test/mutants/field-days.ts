import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/verbs/watch.ts',
    search: `return { type: 'DELETED', entry, as: deepFreeze(as) }`,
    replace: `return { type: 'DELETED', entry }`,
    why: 'who watches a selection is shown what an object has become when it leaves it',
    tests: ['hub/src/apiserver/verbs/watch.test.ts'],
  },
  {
    file: 'hub/src/apiserver/verbs/change.ts',
    search: `if (registry.isSame(kind, entry, filled) && isSameOwnership(known, text)) return`,
    replace: `if (merged === previous) return`,
    why: 'a controller that writes what is there wakes all others, without end',
    tests: ['hub/src/apiserver/verbs/verbs.test.ts'],
  },
  {
    file: 'shared/src/process/atomic-file.ts',
    search: `written += count`,
    replace: `written = data.byteLength`,
    why: 'a file that did not fit on the disk takes the place of a whole one',
    tests: ['shared/src/process/atomic-file.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/config/resolver-files.ts',
    search: `if (!isSame) await writeInPlace(file, text, 0o644)`,
    replace: ``,
    why: 'pods ask the name servers of the network in which they were started',
    tests: ['edge-agent/src/kubelet/config/resolver-files.test.ts'],
  },
  {
    file: 'edge-agent/src/link/hub-socket.ts',
    search: `if (isOfTime(why)) checkWithoutTime`,
    replace: `if (why === '') checkWithoutTime`,
    why: 'a board without a battery stays outside until it knows the time',
    tests: ['edge-agent/src/link/hub-socket.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/culprits.ts',
    search: `  await sift(units)
  return culprits`,
    replace: `  return culprits`,
    why: 'one rule that nft refuses freezes the Services of a node',
    tests: ['edge-agent/src/proxy/culprits.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/volumes/tmpfs.ts',
    search: `[['noswap'], []]`,
    replace: `[[]]`,
    why: 'a Secret is swapped to the card',
    tests: ['edge-agent/src/kubelet/volumes/tmpfs.test.ts'],
  },
  {
    file: 'shared/src/process/stillness.ts',
    search: `looks = beats === seen ? looks + 1 : 0`,
    replace: `looks = 0`,
    why: 'a hub whose loop stands still stays that way',
    tests: ['shared/src/process/stillness.test.ts'],
  },
  {
    file: 'hub/src/broker/joining/renewals.ts',
    search: `if (!renewals.take(request.node))`,
    replace: `if (renewals === undefined)`,
    why: 'a node has certificates signed without end',
    tests: ['test/conformance/mqtt/hostile-askers.test.ts'],
  },
  {
    file: 'hub/src/broker/joining/node-trust.ts',
    search: `    isOver(notAfter)
      ?`,
    replace: `    Number.isNaN(notAfter)
      ?`,
    why: 'a session goes on when its certificate has ended',
    tests: ['test/conformance/mqtt/revocation.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/budget.ts',
    search: `const eventsBurst = 1500`,
    replace: `const eventsBurst = 1_500_000`,
    why: 'the Events of one node fill the store',
    tests: ['hub/src/apiserver/fairness/budget.test.ts'],
  },
  {
    file: 'hub/src/controllers/nodes/pod-cidrs.ts',
    search: `free(wide) ?? (wide.size > 0 ? free([]) : undefined)`,
    replace: `free(wide)`,
    why: 'a Node with a /16 leaves the others no addresses',
    tests: ['hub/src/controllers/nodes/nodes.test.ts'],
  },
  {
    file: 'hub/src/identity/joining/token-cleaner.ts',
    search: `await tokens.removeExpired()`,
    replace: `await Promise.resolve()`,
    why: 'join tokens that are over pile up',
    tests: ['hub/src/identity/joining/enroll.test.ts'],
  },
  {
    file: 'shared/src/text/shown-text.ts',
    search: String.raw`.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')`,
    replace: ``,
    why: 'a name from outside writes lines of its own into the log',
    tests: ['shared/src/logging/counted-log.test.ts'],
  },
  {
    file: 'hub/src/apiserver/query/write-query.ts',
    search: `values.some((value) => value !== 'All')`,
    replace: `values.some((value) => value !== 'All' && value !== '')`,
    why: 'a dryRun that says nothing is guessed at',
    tests: ['hub/src/apiserver/verbs/writes.test.ts'],
  },
]
