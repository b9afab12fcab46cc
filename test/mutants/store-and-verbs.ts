import type { Mutant } from './mutant.ts'

const writes = ['hub/src/apiserver/verbs/writes.test.ts']
const circles = ['hub/src/controllers/loops/garbage-circles.test.ts']

const store = ['hub/src/store/memory/memory-disk.test.ts']

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
    search: `if (!isLeaving) this.#quota.check(`,
    replace: `this.#quota.check(`,
    why: 'in a full store nothing can be deleted that has to be marked first',
    tests: store,
  },
  {
    file: 'hub/src/store/memory-row.ts',
    search: `    if (value !== null) this.#makeRoom(key)\n`,
    replace: ``,
    why: 'Events are kept without end',
    tests: store,
  },
  {
    file: 'hub/src/store/disk/group-commit.ts',
    search: `      if (waiters !== undefined) return void waiters.push(asked)\n`,
    replace: ``,
    why: 'a write is judged by one that may still fail',
    tests: ['hub/src/store/disk/group-commit.test.ts'],
  },
  {
    file: 'hub/src/store/mvcc.ts',
    search: `(this.#count() + 1) * revisionsOfLife`,
    replace: `revisionsOfLife`,
    why: 'a renewal shows a revision that an earlier life has given, and watches go backwards',
    tests: ['hub/src/store/memory/memory-disk.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/claims/claims.ts',
    search: `if (!wanted.delete(claim)) writes.push(`,
    replace: `if (!wanted.delete(claim)) void (`,
    why: 'what a deleted Service had is never free again',
    tests: ['hub/src/apiserver/admission/admission.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/claims/claims.ts',
    search: `value: key, expected: 0 })\n  return writes`,
    replace: `value: key, expected: store.get(claim)?.revision ?? 0 })\n  return writes`,
    why: 'the loser of an update race takes the port of the winner',
    tests: ['hub/src/apiserver/objects/claims/claims.test.ts'],
  },
  {
    file: 'hub/src/apiserver/verbs/delete.ts',
    search: `if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)\n    throw unmet`,
    replace: `if (resourceVersion === '')\n    throw unmet`,
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
  {
    file: 'hub/src/apiserver/verbs/change.ts',
    search: 'object: filled, holds: holdsOf(api.admission, admission) }',
    replace: 'object: filled, holds: [] }',
    why: 'what an update was allowed by may be gone when it is written',
    tests: ['hub/src/apiserver/verbs/holds.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/one-at-a-time.ts',
    search: `    signal.addEventListener('abort', giveUp, { once: true })\n`,
    replace: ``,
    why: 'who has gone away keeps his place in line, and what he wanted is written after all',
    tests: ['hub/src/apiserver/verbs/in-line.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/one-at-a-time.ts',
    search: `void before.then(leave)`,
    replace: `leave()`,
    why: 'those behind somebody who has gone race for the object again',
    tests: ['hub/src/apiserver/fairness/one-at-a-time.test.ts'],
  },
  {
    file: 'hub/src/apiserver/verbs/change.ts',
    search: `leave !== undefined && call.request.signal.aborted`,
    replace: `false`,
    why: 'a write is done of which its sender was told that it was not',
    tests: ['hub/src/apiserver/verbs/in-line.test.ts'],
  },
]
