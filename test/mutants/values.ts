import type { Mutant } from './mutant.ts'

const decoding = 'hub/src/apiserver/bodies/unknown-fields.ts'
const zeros = ['hub/src/apiserver/behaviour/zero-values.test.ts']
const writes = ['hub/src/apiserver/behaviour/pod-writes.test.ts']
const names = ['hub/src/apiserver/behaviour/inherited-names.test.ts']
const integers = ['hub/src/apiserver/behaviour/exact-integers.test.ts']
const unserved = ['hub/src/apiserver/admission/plugins/unserved-fields.test.ts']
const admission = ['hub/src/apiserver/admission/admission.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: decoding,
    search: `return isNotGiven(field, kept) ? undefined : kept`,
    replace: `return kept`,
    why: 'hostNetwork: false rolls out a Deployment',
    tests: zeros,
  },
  {
    file: decoding,
    search: `type.tag !== 'scalar' || required || pointer || value === preset`,
    replace: `type.tag !== 'scalar' || required || value === preset`,
    why: 'runAsUser: 0 and a grace of 0 are lost',
    tests: zeros,
  },
  {
    file: 'shared/src/types/scalars.ts',
    search: `if (parsed.success) setOwn(map, key, parsed.data)`,
    replace: `if (parsed.success) map[key] = parsed.data`,
    why: 'the key __proto__ of a ConfigMap is lost',
    tests: names,
  },
  {
    file: 'shared/src/json/own.ts',
    search: `target !== undefined && Object.hasOwn(target, key) ? value : undefined`,
    replace: `value`,
    why: '-l constructor finds everything',
    tests: names,
  },
  {
    file: 'shared/src/kinds/rules/pod-update.ts',
    search: `  const copy = { ...next }`,
    replace: `  const copy = { ...next, nodeName: previous.nodeName }`,
    why: 'a patch places a pod past the scheduler',
    tests: writes,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/pod-priority.ts',
    search: `if (priority !== undefined) spec.priority ??= priority`,
    replace: `if (priority === undefined) spec.priority ??= priority`,
    why: 'kubectl replace of a pod is refused',
    tests: writes,
  },
  {
    file: 'shared/src/json/exact-json.ts',
    search: `    if (to - from >= longRun) return true`,
    replace: `    if (to - from >= longRun * 2) return true`,
    why: 'integers beyond 2^53 are rounded',
    tests: integers,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/unserved-fields.ts',
    search: `if (found.length > 0) throw invalid(pods, name, found)`,
    replace: `if (found.length > 99) throw invalid(pods, name, found)`,
    why: 'AppArmor is asked for and nobody enforces it',
    tests: unserved,
  },
  {
    file: 'hub/src/apiserver/admission/plugins/service-account.ts',
    search: `if (entry === undefined && name !== 'default')`,
    replace: `if (entry === undefined && name === '')`,
    why: 'a pod runs as an account that is not there',
    tests: admission,
  },
]
