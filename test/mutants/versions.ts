import type { Mutant } from './mutant.ts'

const stored = ['hub/src/apiserver/objects/stored/storage-versions.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/verbs/watch.ts',
    search: 'if (registry.hasText(kind, entry) && selects(',
    replace: 'if (selects(',
    why: 'one object that a newer hub wrote ends every watch that begins with what there is',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/verbs/watch.ts',
    search: '=> registry.hasText(kind, candidate) && selects(',
    replace: '=> selects(',
    why: 'one object that a newer hub writes ends every watch of its kind',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/verbs/watch.ts',
    search: 'else stopWaiting = api.kinds.whenGone(kind, end)',
    replace: '',
    why: 'who watches a kind whose schema has changed gets its objects in the form of before, for as long as it watches',
    tests: ['hub/src/apiserver/behaviour/two-versions.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/registry.ts',
    search: 'codecOf(kind).isCurrent(entry.value) && ',
    replace: '',
    why: 'what is stored in an old version stays there however often it is written as it is',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/objects/stored/storage-codec.ts',
    search: '=== head?.apiVersion)',
    replace: '=== head?.apiVersion) ?? storage.version',
    why: 'an object in a version that nobody knows is served as one of another, and overwritten',
    tests: stored,
  },
  {
    file: 'hub/src/apiserver/answers/event-texts.ts',
    search: 'if (known?.kind === kind)',
    replace: 'if (known !== undefined)',
    why: 'watchers get an object under a schema that is no longer served',
    tests: ['hub/src/apiserver/answers/event-texts.test.ts'],
  },
  {
    file: 'hub/src/apiserver/answers/event-texts.ts',
    search: '${type} ${kind.version}`',
    replace: '${type}`',
    why: 'watches of two versions make each event anew for each other',
    tests: ['hub/src/apiserver/answers/event-texts.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/stored/conversion.ts',
    search: '...kept, ...(labels',
    replace: '...kept, ...converted.metadata, ...(labels',
    why: 'a conversion makes another object of one',
    tests: stored,
  },
  {
    file: 'hub/src/controllers/loops/garbage-collector.ts',
    search: 'each.group === groupOf(apiVersion)',
    replace: 'apiVersionOf(each) === apiVersion',
    why: 'what an owner owns by an older version is never collected',
    tests: ['hub/src/controllers/loops/two-versions.test.ts'],
  },
  {
    file: 'shared/src/schema/fitting-kinds.ts',
    search: 'if (differing !== undefined)',
    replace: 'if (false)',
    why: 'one resource is kept in memory by one version and on disk by the other',
    tests: ['shared/src/schema/kind-set.test.ts'],
  },
  {
    file: 'shared/src/schema/kind-names.ts',
    search: 'if (groupsOfTheStore.includes(group))',
    replace: 'if (false)',
    why: 'a custom kind of the group core lists, and deletes, the Secrets of all',
    tests: ['shared/src/schema/kind-set.test.ts'],
  },
  {
    file: 'shared/src/schema/kind-set.ts',
    search: 'for (const kind of added) checkComesLate(kind, first)',
    replace: '',
    why: 'what was stored of a kind before its fields were indexed is found by nothing',
    tests: ['shared/src/schema/kind-set.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/stored/storing.ts',
    search: 'sealed().has(',
    replace: 'new Set([...sealed()].filter((prefix) => prefix.startsWith("/core/"))).has(',
    why: 'a kind that comes later and is to be sealed lies on the disk as plain text',
    tests: ['hub/src/apiserver/objects/stored/storing.test.ts'],
  },
  {
    file: 'hub/src/apiserver/objects/registry.ts',
    search: 'if (error instanceof SyntaxError) broken.add(entry)',
    replace: '',
    why: 'one bit of a failing disk makes the lists of a whole kind unreadable for good',
    tests: ['hub/src/apiserver/objects/stored/stored-by-others.test.ts'],
  },
]
