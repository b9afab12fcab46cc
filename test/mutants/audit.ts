import type { Mutant } from './mutant.ts'

const room = 'hub/src/apiserver/audit'
const noted = 'hub/src/apiserver/admission/webhooks/noted.test.ts'

export const mutants: readonly Mutant[] = [
  {
    file: `${room}/ring.ts`,
    search: `for (const [index, [by, of]] of ranked.entries()) {`,
    replace: `for (const [index, [by, of]] of [...ranked].reverse().entries()) {`,
    why: 'who floods the hub with requests pushes out what is told of everybody else',
    tests: [`${room}/ring.test.ts`],
  },
  {
    file: `${room}/rules.ts`,
    search: `words.has('*') ||`,
    replace: `words.has('*') || words.has(resource) ||`,
    why: 'a rule about pods is about going into them as well',
    tests: [`${room}/rules.test.ts`],
  },
  {
    file: `${room}/default-policy.ts`,
    search: `{\n      level: 'Metadata',`,
    replace: `{\n      level: 'Request',`,
    why: 'what a Secret holds stands in the audit log of who has asked for no such thing',
    tests: ['hub/src/apiserver/behaviour/audit.test.ts'],
  },
  {
    file: `${room}/written-lines.ts`,
    search: `if (waitingBytes + text.length + 1 > maxWaitingBytes) return false`,
    replace: ``,
    why: 'a disk that hangs costs the hub all of its memory',
    tests: [`${room}/log-file.test.ts`],
  },
  {
    file: 'hub/src/apiserver/pipeline.ts',
    search: `if (!isApiError(error)) record?.failed(error)`,
    replace: ``,
    why: 'that a handler broke is not written down',
    tests: ['hub/src/apiserver/behaviour/audit.test.ts'],
  },
  {
    file: `${room}/record.ts`,
    search: `(from === 'Request' && this.#extent.level === 'Metadata')`,
    replace: `from === undefined`,
    why: 'what a webhook puts into a Secret stands in the log of who wants no bodies in it',
    tests: [noted],
  },
  {
    file: `${room}/record.ts`,
    search: `if (text.length > longestEvent) this.#isCut = true`,
    replace: `if (text.length < 0) this.#isCut = true`,
    why: 'a long patch of one webhook takes away what is told of the others',
    tests: [noted],
  },
  {
    file: 'hub/src/apiserver/admission/webhooks/mutating.ts',
    search: `noted.failedOpen()`,
    replace: ``,
    why: 'nobody finds out which requests went on without a webhook',
    tests: [noted],
  },
  {
    file: 'hub/src/apiserver/admission/webhooks/validating.ts',
    search: `noteFailedOpen(hook, index, question.origin.note)`,
    replace: ``,
    why: 'nobody finds out which requests nobody has looked at',
    tests: [noted],
  },
  {
    file: 'hub/src/apiserver/health.ts',
    search: `failed: reason withheld`,
    replace: 'failed: ${problem}',
    why: 'strangers are told what is wrong with the machine',
    tests: ['hub/src/apiserver/health.test.ts'],
  },
]
