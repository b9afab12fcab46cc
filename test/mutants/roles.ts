import type { Mutant } from './mutant.ts'

const grants = 'hub/src/apiserver/authz/rbac/grants.ts'
const index = 'hub/src/apiserver/authz/rbac/role-index.ts'
const escalation = 'hub/src/apiserver/admission/plugins/role-escalation.ts'
const owners = 'hub/src/apiserver/admission/plugins/owner-references-permission.ts'
const roles = ['hub/src/apiserver/authz/rbac/rbac-authorizer.test.ts']
const escalating = ['hub/src/apiserver/behaviour/role-escalation.test.ts']
const owning = ['hub/src/apiserver/behaviour/owner-references-permission.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: grants,
    search: `if (resourceNames.length === 0) ofVerb.any ??= one`,
    replace: `ofVerb.any ??= one`,
    why: 'who may read one object lists all',
    tests: roles,
  },
  {
    file: grants,
    search: `subresource === undefined ? [resource, '*']`,
    replace: `subresource !== '' ? [resource, '*']`,
    why: 'who may read pods may execute in them',
    tests: roles,
  },
  {
    file: index,
    search: `for (const scope of namespace === '' ? [''] : ['', namespace])`,
    replace: `for (const scope of ['', 'default', namespace])`,
    why: 'what is bound in one namespace holds in all',
    tests: roles,
  },
  {
    file: index,
    search: `return store.watch(prefix, revision, (events) => {\n      changed()`,
    replace: `return store.watch(prefix, revision, (events) => {`,
    why: 'a right outlives its binding',
    tests: ['hub/src/apiserver/authz/rbac/fuzzed.test.ts'],
  },
  {
    file: index,
    search: `store.watch(prefix, store.revisionOf(prefix), changed)`,
    replace: `store.watch(prefix, store.revisionOf(prefix), () => {})`,
    why: 'a right outlives its role',
    tests: roles,
  },
  {
    file: 'hub/src/apiserver/authz/rbac/bound-subjects.ts',
    search: `if (kind === 'User' || kind === 'Group') return { scope, kind, name }`,
    replace: `if (kind === 'User' || kind === 'Group') return { scope, kind: 'User', name }`,
    why: 'who has the name of a group has its rights',
    tests: roles,
  },
  {
    file: index,
    search: `if (pending === undefined || pending.size > room.left) return found.held`,
    replace: `if (pending === undefined) return found.held`,
    why: 'a role of thousands of names that is bound to a thousand groups takes the memory of the hub',
    tests: ['hub/src/apiserver/authz/rbac/held-bound.test.ts'],
  },
  {
    file: 'hub/src/apiserver/authz/rbac/bound-subjects.ts',
    search: `const left = [known].flat().filter((one) => one !== binding)`,
    replace: `const left = [known].flat()`,
    why: 'a right outlives its binding',
    tests: ['hub/src/apiserver/authz/rbac/fuzzed.test.ts'],
  },
  {
    file: escalation,
    search: `if (isRole) checkRole(admission, object as ClusterRole, rights)`,
    replace: `if (isRole) return`,
    why: 'who writes roles gives himself all rights',
    tests: escalating,
  },
  {
    file: escalation,
    search: `else checkBinding(admission, object as RoleBinding, rights)`,
    replace: `else if (object.metadata.name === '') checkBinding(admission, object as RoleBinding, rights)`,
    why: 'who writes bindings gives himself all rights',
    tests: escalating,
  },
  {
    file: escalation,
    search: `if (gathers && escalationOf(`,
    replace: `if (!gathers && escalationOf(`,
    why: 'a role gathers what its writer does not have',
    tests: escalating,
  },
  {
    file: 'hub/src/apiserver/authz/rbac/covers.ts',
    search: `(names.length === 0 || (piece.resourceNames ?? []).some((name) => names.includes(name)))`,
    replace: `(names.length === 0 || (piece.resourceNames ?? []).every((name) => names.includes(name)))`,
    why: 'who may read one Secret gives away the right to read all',
    tests: ['hub/src/apiserver/authz/rbac/covers.test.ts'],
  },
  {
    file: owners,
    search: `if (operation !== 'CREATE') checkDeletion(admission, deps)`,
    replace: `if (operation === 'CREATE') checkDeletion(admission, deps)`,
    why: 'who may not delete an object gives it an owner that is gone',
    tests: owning,
  },
  {
    file: owners,
    search: `blockOwnerDeletion === true && before.find(`,
    replace: `blockOwnerDeletion === false && before.find(`,
    why: 'anybody holds up the deletion of anything',
    tests: owning,
  },
  {
    file: 'hub/src/apiserver/authz/rbac/bootstrap/plan.ts',
    search: `metadata.annotations?.[autoUpdate] === 'false'`,
    replace: `metadata.annotations?.[autoUpdate] === undefined`,
    why: 'a role that its owner has tightened is widened at the next start',
    tests: ['hub/src/apiserver/authz/rbac/bootstrap/reconcile.test.ts'],
  },
]
