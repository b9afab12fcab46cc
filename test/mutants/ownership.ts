import type { Mutant } from './mutant.ts'

const applies = ['hub/src/apiserver/behaviour/server-side-apply.test.ts']
const refusals = ['hub/src/apiserver/behaviour/apply-refusals.test.ts']
const written = ['hub/src/apiserver/behaviour/managed-fields.test.ts']
const sets = ['hub/src/apiserver/ownership/apply.test.ts']
const versions = ['hub/src/apiserver/behaviour/apply-to-versions.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/ownership/apply.ts',
    search: `if (attempt.conflicts.length > 0 && !application.isForced) throw`,
    replace: `if (attempt.conflicts.length < 0) throw`,
    why: 'whoever applies takes what others own without a word',
    tests: applies,
  },
  {
    file: 'hub/src/apiserver/ownership/apply.ts',
    search: `if (left.length > 0) throw conflictError(left)`,
    replace: ``,
    why: 'kubectl takes what others have changed since it applied in the client',
    tests: ['hub/src/apiserver/behaviour/apply-after-client.test.ts'],
  },
  {
    file: 'hub/src/apiserver/ownership/apply.ts',
    search: `const gone = intersection(difference(fieldsOf(full), left), before)`,
    replace: `const gone = difference(fieldsOf(full), left)`,
    why: 'an apply removes what nobody has ever applied',
    tests: sets,
  },
  {
    file: 'hub/src/apiserver/ownership/apply.ts',
    search: `const gone = difference(fieldsOf(all, type), union(fieldsOf(rest, type), withNamedFields(type, set)))`,
    replace: `const gone = difference(fieldsOf(all, type), fieldsOf(rest, type))`,
    why: 'an apply removes what another still owns',
    tests: applies,
  },
  {
    file: 'hub/src/apiserver/verbs/apply.ts',
    search: `if (uid !== '') throw conflict(`,
    replace: `if (uid === '?') throw conflict(`,
    why: 'what was meant for an object that is gone makes another one',
    tests: refusals,
  },
  {
    file: 'hub/src/apiserver/ownership/capped.ts',
    search: `if (updaters.length <= maxUpdaters) return owners`,
    replace: `if (updaters.length >= 0) return owners`,
    why: 'an object grows by each name under which somebody writes it',
    tests: written,
  },
  {
    file: 'hub/src/apiserver/ownership/of-writes.ts',
    search: `const written = origin.subresource === undefined ? givenOwners(given) : undefined`,
    replace: `const written = givenOwners(given)`,
    why: 'who may only tell a status says whose everything is',
    tests: written,
  },
  {
    file: 'hub/src/apiserver/objects/registry.ts',
    search: `owners === undefined || operation === 'apply' ? text : codec.encode(object, undefined)`,
    replace: `text`,
    why: 'an object of many fields that had room is refused for its bookkeeping',
    tests: written,
  },
  {
    file: 'hub/src/apiserver/answers/view.ts',
    search: `nodeNameOf(user) === undefined ? undefined : bare`,
    replace: `undefined`,
    why: 'every node is sent, and keeps, who owns which field of what it runs',
    tests: written,
  },
  {
    file: 'hub/src/apiserver/ownership/versions.ts',
    search: `today: (apiVersion, fields) => asTypedToday(kindOf(apiVersion)?.node, fields)`,
    replace: `today: (_apiVersion, fields) => fields`,
    why: "what has become one value is nobody's, and taken without a conflict",
    tests: versions,
  },
]
