import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/client/informer.ts',
    search: `if (!seen.has(keyTextOf(old))) remove(old)`,
    replace: `void seen`,
    why: `what was deleted during an outage stays for ever`,
    tests: ['hub/src/client/informer.test.ts'],
  },
  {
    file: 'hub/src/client/informer.ts',
    search: `if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) {`,
    replace: `if (previous === object) {`,
    why: `an object made anew is taken for a change of the old one`,
    tests: ['hub/src/client/informer.test.ts'],
  },
  {
    file: 'hub/src/client/informer.ts',
    search: `if (mustListAgain(error)) from = undefined`,
    replace: `if (error === undefined) from = undefined`,
    why: `a watch that is too old is asked for again without end`,
    tests: ['hub/src/client/informer.test.ts'],
  },
  {
    file: 'hub/src/client/work-queue.ts',
    search: `if (again.delete(key)) add(key)`,
    replace: `again.delete(key)`,
    why: `a change during the work is forgotten`,
    tests: ['hub/src/client/work-queue.test.ts'],
  },
  {
    file: 'hub/src/client/work-queue.ts',
    search: `addAfter(key, Math.min(failed.backoff.next(), longestRetryOf(error) ?? usualLongestMs))`,
    replace: `addAfter(key, 0)`,
    why: `what fails is tried without pause`,
    tests: ['hub/src/client/work-queue.test.ts'],
  },
  {
    file: 'hub/src/client/work-queue.ts',
    search: `if (earlier !== undefined && earlier.at <= at) return`,
    replace: `if (earlier !== undefined) return`,
    why: `a later delay pushes an earlier one away`,
    tests: ['hub/src/client/work-queue.test.ts'],
  },
  {
    file: 'hub/src/store/view/watch-hub.ts',
    search: `if (watcher.seen >= last) continue`,
    replace: ``,
    why: `a watch hears a change twice`,
    tests: ['hub/src/store/view/watch-hub.test.ts', 'hub/src/store/mvcc.test.ts'],
  },
  {
    file: 'hub/src/store/view/watch-hub.ts',
    search: `this.#remove(group, watcher)
        watcher.onClosed`,
    replace: `watcher.onClosed`,
    why: `a watcher that failed is called again`,
    tests: ['hub/src/store/view/watch-hub.test.ts', 'hub/src/store/mvcc.test.ts'],
  },
]
