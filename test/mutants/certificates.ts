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
  {
    file: 'hub/src/controllers/loops/certificate-approving.ts',
    search: "isFor: (node: string, user = '') => node === user",
    replace: 'isFor: () => true',
    why: 'a node that may renew its own certificate gets that of another',
    tests: ['hub/src/controllers/loops/certificate-approving.test.ts'],
  },
  {
    file: 'hub/src/controllers/loops/certificate-approving.ts',
    search: 'return spec.signerName === signerName && certificate',
    replace: 'return certificate',
    why: 'who may ask for the certificate of a node gets that of a server',
    tests: ['hub/src/controllers/loops/certificate-approving.test.ts'],
  },
  {
    file: 'hub/src/apiserver/http/server.ts',
    search: '  ...strongTls,',
    replace: '',
    why: 'weak ciphers are spoken',
    tests: ['hub/src/apiserver/http/tls.test.ts'],
  },
]
