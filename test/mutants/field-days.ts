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
    search: `if (registry.isSame(kind, entry, merged)) return`,
    replace: `if (merged === previous) return`,
    why: 'a controller that writes what is there wakes all others, without end',
    tests: ['hub/src/apiserver/verbs/verbs.test.ts'],
  },
  {
    file: 'shared/src/atomic-file.ts',
    search: `written += count`,
    replace: `written = data.byteLength`,
    why: 'a file that did not fit on the disk takes the place of a whole one',
    tests: ['shared/src/atomic-file.test.ts'],
  },
  {
    file: 'hub/src/apiserver/authz/node-authorizer.ts',
    search: String.raw` && !/^\/metrics(\/|$)/.test(info.path)`,
    replace: ``,
    why: 'a node reads the figures of the hub',
    tests: ['hub/src/apiserver/authz/node-authorizer.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/resolver-files.ts',
    search: `if (!isSame) await writeInPlace(file, text, 0o644)`,
    replace: ``,
    why: 'pods ask the name servers of the network in which they were started',
    tests: ['edge-agent/src/kubelet/resolver-files.test.ts'],
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
    file: 'shared/src/stillness.ts',
    search: `looks = beats === seen ? looks + 1 : 0`,
    replace: `looks = 0`,
    why: 'a hub whose loop stands still stays that way',
    tests: ['shared/src/stillness.test.ts'],
  },
]
