import type { Mutant } from './mutant.ts'

const priorities = ['hub/src/apiserver/behaviour/priorities.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/admission/plugins/pod-priority.ts',
    search: `if (spec.priority !== undefined && spec.priority !== value)`,
    replace: `if (spec.priority !== undefined && spec.priority < value)`,
    why: 'a pod gives itself the priority it likes',
    tests: priorities,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/pod-priority.ts',
    search: `if (operation === 'DELETE') return keepSystemClass(name)`,
    replace: `if (operation === 'DELETE') return`,
    why: 'the classes of the system can be deleted',
    tests: priorities,
  },
  {
    file: 'shared/src/kinds/rules/rbac.ts',
    search: `isSameJson(roleRef, previous) ? []`,
    replace: `isSameJson(roleRef.kind, previous.kind) ? []`,
    why: 'a binding is turned into one of another role',
    tests: ['shared/src/kinds/rules/rbac.test.ts'],
  },
]
