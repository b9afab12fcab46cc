import type { Mutant } from './mutant.ts'

const writes = ['hub/src/apiserver/verbs/writes.test.ts']
const circles = ['hub/src/controllers/loops/garbage-circles.test.ts']

const store = ['hub/src/store/memory/memory-log.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/store/quota.ts',
    search: `this.#taken + this.#promised + growth <= most`,
    replace: `this.#taken + growth <= most`,
    why: 'thousands of writes that wait for the disk go over the quota together',
    tests: store,
  },
  {
    file: 'hub/src/store/mvcc.ts',
    search: `    if (options.isLeaving === true) return undefined\n`,
    replace: ``,
    why: 'in a full store nothing can be deleted that has to be marked first',
    tests: store,
  },
  {
    file: 'hub/src/store/mvcc.ts',
    search: `    if (event.type === 'put') this.#makeRoom(write.bucket)\n`,
    replace: ``,
    why: 'Events are kept without end',
    tests: store,
  },
  {
    file: 'hub/src/store/mvcc.ts',
    search: `    if (this.#flight !== undefined && revision >= this.#flight.first) return false\n`,
    replace: ``,
    why: 'a renewal shows a revision that the batch under way has taken, and watches go backwards',
    tests: ['hub/src/store/mvcc.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/pool.ts',
    search: `        holding.claims -= 1\n`,
    replace: ``,
    why: 'what a lost update had claimed is never free again',
    tests: writes,
  },
  {
    file: 'hub/src/apiserver/admission/pool.ts',
    search: `if (!holding.isStored && holding.claims === 0 && holdings`,
    replace: `if (holdings`,
    why: 'the loser of an update race gives away the port of the winner',
    tests: writes,
  },
  {
    file: 'hub/src/apiserver/verbs/delete.ts',
    search: `  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) throw staleObject(kind, metadata.name)\n`,
    replace: ``,
    why: 'a delete of what was seen deletes what it has become',
    tests: writes,
  },
  {
    file: 'hub/src/client/leader.ts',
    search: `const renewDeadlineMs = 10_000`,
    replace: `const renewDeadlineMs = 60_000`,
    why: 'two hubs lead',
    tests: ['hub/src/client/leader.test.ts'],
  },
  {
    file: 'hub/src/client/work-queue.ts',
    search: `      if (isTurnOver()) {`,
    replace: `      if (pumpIsDue) {`,
    why: 'a queue that feeds itself keeps the hub from its sockets for good',
    tests: ['hub/src/client/work-queue.test.ts'],
  },
  {
    file: 'hub/src/controllers/loops/garbage-collector.ts',
    search: `      if (closing !== undefined) return unblock(closing, uid, signal)\n`,
    replace: ``,
    why: 'owners in a circle never go',
    tests: circles,
  },
  {
    file: 'hub/src/apiserver/verbs/create.ts',
    search: `throw alreadyExists(kind, name)`,
    replace: `await api.registry.create(kind, object)`,
    why: 'a dry run makes an object',
    tests: writes,
  },
  {
    file: 'hub/src/apiserver/patch/json-patch.ts',
    search: `if (holder.moved > maxMoved) throw`,
    replace: `if (holder.moved < 0) throw`,
    why: 'one patch holds up the hub for half a minute',
    tests: ['hub/src/apiserver/patch/apply-patch.test.ts'],
  },
]
