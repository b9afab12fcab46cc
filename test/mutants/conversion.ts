import type { Mutant } from './mutant.ts'

const tests = ['hub/src/apiserver/behaviour/webhook-conversion.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/conversion/review.ts',
    search: "if (version === 'v1' && given !== uid)",
    replace: 'if (false)',
    why: 'what a webhook answered to another review is taken for the answer to this one',
    tests,
  },
  {
    file: 'hub/src/apiserver/conversion/review.ts',
    search: 'metadata: { ...kept,',
    replace: 'metadata: { ...kept, ...metadata,',
    why: 'a webhook takes away what holds an object',
    tests,
  },
  {
    file: 'hub/src/apiserver/conversion/review.ts',
    search: 'if (before !== after)',
    replace: 'if (false)',
    why: 'a webhook answers with one object for another',
    tests,
  },
  {
    file: 'hub/src/apiserver/objects/stored/elsewhere.ts',
    search: 'known?.of === entry && known.kind === kind',
    replace: 'known?.kind === kind',
    why: 'an object is shown as it was before its last change',
    tests,
  },
  {
    file: 'hub/src/apiserver/conversion/gate.ts',
    search: '&& (inside.get(name) ?? 0) < ofOne',
    replace: '',
    why: 'one webhook that hangs keeps all others out',
    tests: ['hub/src/apiserver/conversion/gate.test.ts'],
  },
]
