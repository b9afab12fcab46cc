import type { Mutant } from './mutant.ts'

const tests = ['hub/src/controllers/loops/certificate-signing.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/controllers/loops/certificate-signing.ts',
    search: `return is('Approved') && !is('Denied') && !is('Failed') && certificate === ''`,
    replace: `return !is('Denied') && !is('Failed') && certificate === ''`,
    why: 'whoever asks gets a certificate, approved or not',
    tests,
  },
  {
    file: 'hub/src/identity/authority/signing.ts',
    search: `(own === undefined || !usages.includes('server auth') ? undefined : `,
    replace: `(own !== '' || !usages.includes('server auth') ? undefined : `,
    why: 'a node serves under the name of the hub',
    tests,
  },
  {
    file: 'hub/src/identity/authority/request-rules.ts',
    search: `organizations.length !== 1 || organizations[0] !== 'system:nodes'`,
    replace: `!organizations.includes('system:nodes')`,
    why: 'a certificate of a kubelet carries any group beside',
    tests,
  },
]
