import type { Mutant } from './mutant.ts'

const ensure = 'edge-agent/src/kubelet/steps/ensure-image.ts'
const auth = 'edge-agent/src/kubelet/images/image-auth.ts'

export const mutants: readonly Mutant[] = [
  {
    file: ensure,
    search: `policy === 'Always' ? undefined : await`,
    replace: `await`,
    why: 'a pod with a private image starts for whoever knows its name, once somebody pulled it',
    tests: ['edge-agent/src/kubelet/steps/ensure-image.test.ts'],
  },
  {
    file: ensure,
    search: `for (const auth of auths.length === 0 ? [undefined] : auths) {`,
    replace: `for (const auth of [...auths, undefined]) {`,
    why: 'a wrong pull secret goes unnoticed until the image is made private',
    tests: ['edge-agent/src/kubelet/steps/ensure-image.test.ts'],
  },
  {
    file: auth,
    search: `key.port === image.port && `,
    replace: ``,
    why: 'the password for one registry is sent to another on the same machine',
    tests: ['edge-agent/src/kubelet/images/image-auth.test.ts'],
  },
  {
    file: auth,
    search: `b.path.length - a.path.length || `,
    replace: ``,
    why: "the registry's general account is asked before the team's own",
    tests: ['edge-agent/src/kubelet/images/image-auth.test.ts'],
  },
]
