import type { Mutant } from './mutant.ts'

const plugin = 'hub/src/apiserver/admission/plugins/policy-parameters.ts'
const tests = ['hub/src/apiserver/admission/plugins/policy-parameters.test.ts']

export const mutants: readonly Mutant[] = [
  {
    ...{ file: plugin, tests },
    search: `if (policiesOf.has(kind)) await checkBinding`,
    replace: `if (!policiesOf.has(kind)) await checkBinding`,
    why: 'whoever writes policies reads every Secret',
  },
  {
    ...{ file: plugin, tests },
    search: `isSameJson(paramKind, before?.paramKind)`,
    replace: `before?.paramKind !== undefined`,
    why: 'a policy is turned to what its writer may not read',
  },
  {
    ...{ file: plugin, tests },
    search: `isSameJson(paramRef, before?.paramRef) && policyName === before?.policyName`,
    replace: `isSameJson(paramRef, before?.paramRef)`,
    why: 'a binding is turned to a policy of another kind of parameters',
  },
  {
    ...{ file: plugin, tests },
    search: `const verb = name === '' ? 'list' : 'get'`,
    replace: `const verb = 'get'`,
    why: 'who may not list reads what is selected',
  },
  {
    ...{ file: plugin, tests },
    search: `...(name !== '' && { name }), `,
    replace: ``,
    why: 'who may read the one that is named is refused it',
  },
  {
    ...{ file: plugin, tests },
    search: `...(namespace !== '' && { namespace })`,
    replace: `namespace: 'default'`,
    why: 'who may read in one namespace reads in all of them',
  },
  {
    ...{ file: plugin, tests },
    search: `?.resource ?? '*'`,
    replace: '?.resource ?? `${kind.toLowerCase()}s`',
    why: 'a kind that is not there yet is guessed, and its objects are read by whoever made it so',
  },
]
