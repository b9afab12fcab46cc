import type { Mutant } from './mutant.ts'

const outbox = 'edge-agent/src/link/outbox.ts'
const tests = ['edge-agent/src/link/outbox.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: outbox,
    search: `gracePeriodSeconds: 0, preconditions: { uid }, signal`,
    replace: `gracePeriodSeconds: 0, signal`,
    why: 'the end of a pod removes the new one of its name',
    tests,
  },
  {
    file: outbox,
    search: `if (entry.status === status) entry.status = undefined`,
    replace: `entry.status = undefined`,
    why: 'what happens while a status is on its way is never told',
    tests,
  },
  {
    file: outbox,
    search: `if (!isApiError(error, 'NotFound')) throw error`,
    replace: `throw error`,
    why: 'an event that happens again after an hour is told no more',
    tests,
  },
  {
    file: 'edge-agent/src/link/identity/credentials.ts',
    search: '${credentials.certificate.trimEnd()}\\n`, 0o600)',
    replace: '${credentials.certificate.trimEnd()}\\n`, 0o644)',
    why: "every user of the machine reads the node's key",
    tests: ['test/conformance/mqtt/enroll.test.ts'],
  },
  {
    file: 'edge-agent/src/references.ts',
    search: 'containersOf(spec)',
    replace: `spec.containers`,
    why: 'a pod waits for ever for the Secret of its init container',
    tests: ['edge-agent/src/references.test.ts'],
  },
  {
    file: 'hub/src/broker/joining/join-desk.ts',
    search: `const perSecond = 4`,
    replace: `const perSecond = 4000`,
    why: 'join tokens can be guessed at speed',
    tests: ['hub/src/broker/joining/join-desk.test.ts'],
  },
  {
    file: 'edge-agent/src/link/identity/join-request.ts',
    search: `if (kept?.node === node) return kept`,
    replace: ``,
    why: 'a board that loses power while it joins has lost its token and its name',
    tests: ['edge-agent/src/link/identity/join-request.test.ts'],
  },
]
