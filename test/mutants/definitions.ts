import type { Mutant } from './mutant.ts'

const served = ['hub/src/apiserver/custom/definitions.test.ts']
const stored = ['hub/src/apiserver/custom/stored-definitions.test.ts']
const rules = ['shared/src/kinds/custom-resource-definition.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/custom/definitions.ts',
    search: 'if (definition.spec.versions.length > limits.versionsOfOne)',
    replace: 'if (definition.spec.versions.length > limits.versions)',
    why: 'one definition of a thousand versions holds up the hub for seconds',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/custom/definitions.ts',
    search: 'if (sum(({ versions }) => versions) + definition.spec.versions.length > limits.versions)',
    replace: 'if (sum(({ versions }) => versions) > limits.versions)',
    why: 'definitions without number fill the hub with routes and documents',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/custom/definitions.ts',
    search: "log.error({ key, error: messageOf(error) }, 'a stored definition of a custom resource cannot be served')",
    replace: 'throw error',
    why: 'one stored definition that is odd keeps the hub from starting',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/custom/definitions.ts',
    search: '((owner !== undefined && owner !== name) || isBuiltIn(group, sort, word))',
    replace: 'isBuiltIn(group, sort, word)',
    why: 'two definitions have one kind, and which one is served is chance',
    tests: served,
  },
  {
    file: 'hub/src/controllers/loops/custom-resource-definition.ts',
    search: 'filter(({ definedBy }) => definedBy === name)',
    replace: 'filter(({ group, resource }) => name === `${resource}.${group}`)',
    why: 'a definition that is deleted takes all objects of a built-in kind along',
    tests: ['hub/src/controllers/loops/custom-resource-definition.test.ts'],
  },
  {
    file: 'hub/src/apiserver/custom/custom-kinds.ts',
    search: '...(isTerminating && { verbs: whileTerminating }),',
    replace: '',
    why: 'a definition that is to go is refilled for ever',
    tests: served,
  },
  {
    file: 'shared/src/kinds/custom-resource-definition.ts',
    search: "'Terminating') === undefined ? [cleanupFinalizer] : [])",
    replace: "'Terminating') === undefined ? [] : [])",
    why: 'a definition goes at once and leaves its objects behind, where nobody finds them',
    tests: served,
  },
  {
    file: 'shared/src/kinds/rules/custom-resource-definition.ts',
    search: 'versions.some((version) => version.name === name) ? []',
    replace: "name !== '' ? []",
    why: 'a version goes in which objects are stored, and they can be read no more',
    tests: rules,
  },
  {
    file: 'shared/src/kinds/rules/custom-resource-definition.ts',
    search: "...(isFixed ? keep('spec.scope', next.spec.scope, previous.spec.scope) : []),",
    replace: '',
    why: 'objects that lie in namespaces are looked for outside of them',
    tests: rules,
  },
]
