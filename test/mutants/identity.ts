import type { Mutant } from './mutant.ts'

const revocation = ['test/conformance/mqtt/revocation.test.ts']
const enrolling = ['hub/src/identity/joining/enroll.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/authn/node-keys.ts',
    search: `if (known === undefined || known === key) return undefined`,
    replace: `return undefined`,
    why: 'the certificate of a stolen board is good after its name has joined anew',
    tests: ['hub/src/apiserver/authn/node-keys.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/plugins/node-key.ts',
    search: `(next === undefined && !isNode(user))`,
    replace: `next === undefined`,
    why: 'a node takes its key away and lets another in',
    tests: revocation,
  },
  {
    file: 'hub/src/identity/joining/enroll.ts',
    search: `if (known !== undefined) throw taken(name, 'has joined with another key')`,
    replace: ``,
    why: 'any token takes the name of a board that is switched off',
    tests: enrolling,
  },
  {
    file: 'hub/src/identity/joining/enroll.ts',
    search: `        await undo()\n`,
    replace: ``,
    why: 'a token that was used up leaves Nodes behind',
    tests: enrolling,
  },
  {
    file: 'hub/src/identity/joining/enroll.ts',
    search: `if (current !== undefined && key !== current)`,
    replace: `if (current === '')`,
    why: 'a renewal brings in a key that the Node does not have',
    tests: enrolling,
  },
  {
    file: 'hub/src/identity/joining/tokens.ts',
    search: `if (usage !== undefined && usage !== 'true')`,
    replace: `if (usage === '')`,
    why: 'a token that is not for joining lets boards in',
    tests: enrolling,
  },
  {
    file: 'shared/src/limits/places.ts',
    search: `if (guests.size > ofOne) endOldest(guests)`,
    replace: `if (guests.size > ofOne) guest.end()`,
    why: 'an honest board behind the NAT of a flood never joins',
    tests: ['shared/src/limits/places.test.ts'],
  },
  {
    file: 'shared/src/logging/counted-log.ts',
    search: `return seen.size < maxKeys ? key : 'others'`,
    replace: `return key`,
    why: 'a flood that varies its words fills the log',
    tests: ['shared/src/logging/counted-log.test.ts'],
  },
  {
    file: 'hub/src/identity/joining/enroll.ts',
    search: `remember(question, key, answer.certificatePem)`,
    replace: ``,
    why: 'an answer that was lost costs a board its token and its name',
    tests: ['hub/src/identity/joining/enroll.test.ts'],
  },
  {
    file: 'hub/src/apiserver/authn/client-certificate.ts',
    search: `|| isHubPart(name)`,
    replace: ``,
    why: 'what is changed under a name of the hub was not changed by the hub',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/session-limits.ts',
    search: `!stream.headersSent && !back.take(clock.monotonic())`,
    replace: `back === undefined`,
    why: 'requests that are taken back cost the hub work without end',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/session-limits.ts',
    search: `session.on('ping', onSmallTalk)`,
    replace: ``,
    why: 'a session that only pings is answered for ever',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/session-limits.ts',
    search: `session.on('priority', onSmallTalk)`,
    replace: ``,
    why: 'a session that only changes priorities takes the time of the others',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/session-limits.ts',
    search: `stream.on('priority', onSmallTalk)`,
    replace: ``,
    why: 'a session that only changes the priority of its watch takes the time of the others',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/server.ts',
    search: `fewBytes.add(socket)`,
    replace: ``,
    why: 'a stranger says without end what nobody counts',
    tests: ['hub/src/apiserver/http/door-storms.test.ts'],
  },
  {
    file: 'hub/src/broker/thread/identity-of.ts',
    search: `[subject.CN].flat().join(' and ')`,
    replace: `String([subject.CN].flat()[0])`,
    why: 'a certificate with two names is the node of its first',
    tests: ['test/conformance/mqtt/hostile.test.ts'],
  },
]
