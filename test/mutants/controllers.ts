import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/controllers/replica-set/ranking.ts',
    search: `(pod) => (isReady(pod) ? 1 : 0),`,
    replace: ``,
    why: `a pod that works is given up before a broken one`,
    tests: ['hub/src/controllers/replica-set/ranking.test.ts'],
  },
  {
    file: 'hub/src/controllers/deployment/rolling.ts',
    search: `if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1 }`,
    replace: ``,
    why: `a rollout of one pod never moves`,
    tests: ['hub/src/controllers/deployment/rolling.test.ts'],
  },
  {
    file: 'hub/src/controllers/deployment/rolling.ts',
    search: `- minAvailable - newUnavailable`,
    replace: `- minAvailable`,
    why: `a rollout takes more pods away than it may`,
    tests: ['hub/src/controllers/deployment/rolling.test.ts'],
  },
  {
    file: 'shared/src/limits/token-bucket.ts',
    search: `    this.#left -= amount\n    return true`,
    replace: `    return true`,
    why: `a lost network evicts everything at once`,
    tests: ['shared/src/limits/token-bucket.test.ts', 'hub/src/controllers/loops/node-lifecycle.test.ts'],
  },
  {
    file: 'hub/src/controllers/nodes/eviction.ts',
    search: `if (tolerated === undefined) return 0`,
    replace: `if (tolerated === undefined) continue`,
    why: `a pod stays on a lost node for ever`,
    tests: ['hub/src/controllers/nodes/nodes.test.ts'],
  },
  {
    file: 'hub/src/controllers/loops/garbage-collector.ts',
    search: `watch(metadataOf(kind), {`,
    replace: `watch(kind, {`,
    why: `what ConfigMaps and Secrets hold is in the hub's memory twice`,
    tests: ['hub/src/controllers/loops/loops.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/stored/parsed.ts',
    search: `if (known !== undefined) return known`,
    replace: ``,
    why: `scheduler and controllers hold a copy of every pod each`,
    tests: ['hub/src/apiserver/objects/registry.test.ts'],
  },
  {
    file: 'hub/bin/heap-mib',
    search: `    group=\${group%/*}`,
    replace: `    return`,
    why: `a hub in a slice with little memory grows until the kernel ends it`,
    tests: ['hub/bin/heap-mib.test.ts'],
  },
]
