import type { Mutant } from './mutant.ts'

const plugin = 'hub/src/apiserver/admission/plugins/pod-security.ts'
const tests = ['hub/src/apiserver/admission/plugins/pod-security.test.ts', 'hub/src/apiserver/admission/pod-security/violations.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: plugin,
    search: `if (operation === 'UPDATE' && !isHeldAnew(object as Pod, previous as Pod)) return`,
    replace: `if (operation === 'UPDATE') return`,
    why: 'a pod that was let in is given any image and any container for debugging',
    tests,
  },
  {
    file: plugin,
    search: `const broken = isEnforced ? violationsOf(enforce, pod) : []`,
    replace: `const broken = isEnforced && enforce.minor === Infinity ? violationsOf(enforce, pod) : []`,
    why: 'a namespace that names a release is held to nothing',
    tests,
  },
  {
    file: 'hub/src/apiserver/admission/pod-security/check.ts',
    search: 'containers: containersOf(spec),',
    replace: `containers: spec.containers,`,
    why: 'an init container may be privileged',
    tests,
  },
  {
    file: 'hub/src/apiserver/admission/pod-security/policy.ts',
    search: `enforce: standard('enforce', 'restricted'),`,
    replace: `enforce: standard('warn', 'restricted'),`,
    why: 'pods are held to what their namespace only wants to be warned of',
    tests,
  },
]
