import type { Mutant } from './mutant.ts'

const sender = ['shared/src/frames/sender.test.ts']
const budget = ['hub/src/apiserver/fairness/budget.test.ts']
const watch = ['hub/src/apiserver/verbs/watch.test.ts']
const hostile = ['test/conformance/mqtt/hostile-askers.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/patch/undecodable.ts',
    search: `isSealed ? '***' : textOf(body)`,
    replace: `textOf(body)`,
    why: 'a patch of a Secret that makes none is told with all its passwords',
    tests: ['hub/src/apiserver/patch/undecodable.test.ts'],
  },
  {
    file: 'hub/src/broker/session/watches.ts',
    search: 'const maxWatches = 1024',
    replace: 'const maxWatches = 2_000_000',
    why: 'one node opens watches until the hub is out of memory',
    tests: hostile,
  },
  {
    file: 'hub/src/broker/session/requests.ts',
    search: 'if (body.length <= shortBytes) return sender.push(message, body, resolve)',
    replace: '',
    why: 'a short answer waits behind megabytes',
    tests: ['hub/src/broker/session/session.test.ts'],
  },
  {
    file: 'shared/src/frames/sender.ts',
    search: 'if (bytes === 0) return',
    replace: '',
    why: 'a node that acknowledges nothing is taken for one that reads',
    tests: sender,
  },
  {
    file: 'hub/src/apiserver/verbs/watch.ts',
    search: "signal.addEventListener('abort', done, { once: true })",
    replace: '',
    why: 'a watch that nobody reads stays open for good',
    tests: watch,
  },
  {
    file: 'hub/src/apiserver/fairness/shares.ts',
    search: 'if (own > most || own > total - taken - amount) return false',
    replace: 'if (own > most || amount > total - taken) return false',
    why: 'two greedy nodes leave nothing to the third',
    tests: budget,
  },
  {
    file: 'hub/src/apiserver/fairness/turns.ts',
    search: 'if (groups.size === 0 && clock.monotonic() - startedAt < turnMs) return undefined',
    replace: 'if (startedAt > 0) return undefined',
    why: 'a burst of lists keeps everybody else from the hub',
    tests: budget,
  },
  {
    file: 'hub/src/apiserver/fairness/turns.ts',
    search: 'groups.set(group, askers.set(who, queue))',
    replace: "groups.set('all', (groups.get('all') ?? askers).set(who, queue))",
    why: 'a person waits for a request of each node of a fleet',
    tests: ['hub/src/apiserver/fairness/turns.test.ts'],
  },
  {
    file: 'hub/src/apiserver/verbs/list.ts',
    search: 'return index < 0 ? entries.length : Math.max(1, index)',
    replace: 'return entries.length',
    why: 'a page of large objects is larger than a message, and a new node never syncs',
    tests: ['hub/src/apiserver/verbs/verbs.test.ts'],
  },
  {
    file: 'hub/src/broker/session/replay-window.ts',
    search: 'if (at >= oldest && of.known.size <= maxAnswers && of.bytes <= maxBytes) return',
    replace: 'if (at >= oldest) return',
    why: 'one node fills the memory with the answers that it may ask for again',
    tests: ['hub/src/broker/session/replay-window.test.ts'],
  },
  {
    file: 'shared/src/api/api-status.ts',
    search: `'Internal error occurred: the hub failed to answer; its log has the cause'`,
    replace: 'String(thrown)',
    why: 'strangers and nodes read of our files in what we failed at',
    tests: ['hub/src/broker/joining/join-desk.test.ts', 'hub/src/broker/session/session.test.ts', 'hub/src/apiserver/pipeline.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/close.ts',
    search: 'for (const socket of sockets) socket.destroy()',
    replace: '',
    why: 'a client that has shaken hands and says nothing keeps the hub from stopping',
    tests: ['hub/src/apiserver/http/drain.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/shares-line.ts',
    search: 'lines.set(who, rest)',
    replace: 'lines.set(who, rest)\n      return',
    why: 'those for whom there is room wait on',
    tests: ['hub/src/apiserver/fairness/shares-line.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/shares-line.ts',
    search: `      lines.delete(who)
      lines.set(who, rest)`,
    replace: '',
    why: 'who always has somebody in line is served before all who come later',
    tests: ['hub/src/apiserver/fairness/shares-line.test.ts'],
  },
  {
    file: 'hub/src/apiserver/news/pages.ts',
    search: 'const keptPages = { count: 256, size: 16 * 1024 * 1024,',
    replace: 'const keptPages = { count: Infinity, size: Infinity,',
    why: 'a node that asks for pages of ever other sizes fills the memory of the hub',
    tests: ['hub/src/apiserver/news/pages.test.ts'],
  },
]
