import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/cache/replacement.ts',
    search: `const forgot = known !== undefined && isBefore(resourceVersion, known)`,
    replace: `const forgot = known === 'never'`,
    why: 'a hub that is restored from a backup ends what was made since',
    tests: ['edge-agent/src/cache/memory-cache.test.ts', 'test/conformance/mqtt/restored-hub.test.ts'],
  },
  {
    file: 'edge-agent/src/cache/replacement.ts',
    search: `!isOlder && !wasUnlisted.has(keyText(object.metadata)) && isSame`,
    replace: `isSame`,
    why: 'what a hub lists again after a restore is taken for what it does not list',
    tests: ['edge-agent/src/cache/memory-cache.test.ts'],
  },
  {
    file: 'edge-agent/src/cache/sqlite-cache.ts',
    search: ` || isBack`,
    replace: ``,
    why: 'after a restart a node goes on from a version of a history that was given up',
    tests: ['edge-agent/src/cache/sqlite-cache.test.ts'],
  },
  {
    file: 'edge-agent/src/cache/cache-image.ts',
    search: `if (source !== undefined) return bySource?.get(source)?.get(text)`,
    replace: ``,
    why: 'what one source has of a name is taken for what another has',
    tests: ['edge-agent/src/cache/memory-cache.test.ts'],
  },
  {
    file: 'edge-agent/src/cache/sources.ts',
    search: `giving.every(`,
    replace: `giving.some(`,
    why: 'pods of a source that has not told yet are taken for pods that nobody wants',
    tests: ['edge-agent/src/cache/memory-cache.test.ts'],
  },
  {
    file: 'edge-agent/src/link/sync/follow.ts',
    search: `source.isListDue(scope.name) || `,
    replace: ``,
    why: 'what a restored hub does not list stays for ever',
    tests: ['test/conformance/mqtt/restored-hub.test.ts'],
  },
  {
    file: 'edge-agent/src/node/node.ts',
    search: `if (Number(version) < Number(heard)) answered = undefined`,
    replace: ``,
    why: 'a restored hub shows a node as it was at the backup',
    tests: ['edge-agent/src/node/node.test.ts'],
  },
  {
    file: 'edge-agent/src/network/routes.ts',
    search: `late(a.name) - late(b.name) || `,
    replace: ``,
    why: 'a node that the hub has forgotten takes the route of one that it knows',
    tests: ['edge-agent/src/network/routes.test.ts'],
  },
  {
    file: 'edge-agent/src/link/sync/meet-hub.ts',
    search: `if (known !== undefined) source.startOver()`,
    replace: ``,
    why: 'a node that joins another hub runs the pods of the first for ever',
    tests: ['test/conformance/mqtt/sync.test.ts'],
  },
]
