import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/frames/frame-reader.ts',
    search: `if (header.q <= last) throw new FrameError('replayed', \`frame \${header.q} came again after frame \${last}\`)`,
    replace: ``,
    why: `a frame that was recorded can be played again`,
    tests: ['shared/src/frames/frame.test.ts'],
  },
  {
    file: 'shared/src/frames/frame-reader.ts',
    search: `if (header.q !== last + 1) throw`,
    replace: `if (header.q < 0) throw`,
    why: `a lost frame is not noticed`,
    tests: ['shared/src/frames/frame.test.ts'],
  },
  {
    file: 'hub/src/broker/session/replay-window.ts',
    search: `if (before?.answer !== undefined) return before.answer`,
    replace: ``,
    why: `a request that is repeated is done twice`,
    tests: ['hub/src/broker/session/replay-window.test.ts'],
  },
  {
    file: 'hub/src/broker/session/replay-window.ts',
    search: `if (answer.status === 429 || answer.status >= 500) drop(of, key)`,
    replace: `if (answer.status === 429) drop(of, key)`,
    why: `an answer that says "try again" is kept`,
    tests: ['hub/src/broker/session/replay-window.test.ts'],
  },
  {
    file: 'hub/src/apiserver/answers/table.ts',
    search: `columnDefinitions: withColumns ? columns.map(definitionOf) : null,`,
    replace: `columnDefinitions: columns.map(definitionOf),`,
    why: `kubectl get -w prints its head again and again`,
    tests: ['hub/src/apiserver/answers/table.test.ts'],
  },
  {
    file: 'hub/src/apiserver/answers/negotiate.ts',
    search: `.sort((a, b) => b.quality - a.quality)`,
    replace: ``,
    why: `what a client likes less is answered first`,
    tests: ['hub/src/apiserver/answers/negotiate.test.ts'],
  },
  {
    file: 'hub/src/apiserver/fairness/budget.ts',
    search: `takeBody: (account, bytes) => of(account).bodies.take(account.name, bytes),`,
    replace: `takeBody: () => true,`,
    why: `many small bodies take all memory`,
    tests: ['hub/src/apiserver/fairness/budget.test.ts'],
  },
  {
    file: 'hub/src/apiserver/discovery/discovery.ts',
    search: `status: isKnown ? 304 : 200,`,
    replace: `status: 200,`,
    why: `kubectl loads all of discovery each time`,
    tests: ['hub/src/apiserver/discovery/discovery.test.ts'],
  },
  {
    file: 'shared/src/mqtt/topic-acl.ts',
    search: `return params !== undefined && each[rule](identity, params)`,
    replace: `return params !== undefined`,
    why: `one node reads another's mail`,
    tests: ['shared/src/mqtt/topic-acl.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/answering.ts',
    search: `if (asked.body instanceof Uint8Array) bodies.giveBack(asked.body.byteLength)`,
    replace: ``,
    why: `who has sent eight megabytes may never send a body again`,
    tests: ['hub/src/apiserver/http/server.test.ts'],
  },
]
