import type { Mutant } from './mutant.ts'

const served = ['hub/src/apiserver/behaviour/json-kind.test.ts']
const checked = ['shared/src/schema/structural/check.test.ts']
const read = ['shared/src/schema/structural/read-schema.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/schema/structural/place.ts',
    search: 'if (steps.left < 0) throw new TooManySteps()',
    replace: '',
    why: 'an object whose schema has alternatives of lists holds up the hub for minutes',
    tests: checked,
  },
  {
    file: 'shared/src/schema/structural/checks-by-type.ts',
    search: 'spend(place, compiled?.stepsFor(value) ?? 0)',
    replace: '',
    why: 'a long text and a pattern hold up the hub for seconds',
    tests: checked,
  },
  {
    file: 'shared/src/schema/structural/check.ts',
    search: 'if (errors.length >= mostErrors) return',
    replace: '',
    why: 'an object with nothing right in it fills the memory with errors',
    tests: checked,
  },
  {
    file: 'shared/src/schema/structural/pattern.ts',
    search: 'if (repeated > mostRepeated)',
    replace: 'if (false)',
    why: 'a pattern of a few characters takes seconds to be compiled',
    tests: read,
  },
  {
    file: 'shared/src/schema/structural/patterns-of.ts',
    search: ' && instructions < mostInstructions',
    replace: '',
    why: 'a thousand patterns take minutes to be compiled',
    tests: read,
  },
  {
    file: 'shared/src/schema/structural/json-kind.ts',
    search: 'if (hasStatus) delete (object as { status?: unknown }).status',
    replace: '',
    why: 'who creates an object says what has been seen of it',
    tests: served,
  },
  {
    file: 'hub/src/apiserver/objects/stored/storage-codec.ts',
    search: 'kind.schemaId === undefined || (isOfVersion && head.schemaId === kind.schemaId)',
    replace: 'true',
    why: 'objects are served as they were before their schema changed',
    tests: served,
  },
  {
    file: 'hub/src/apiserver/objects/stored/storage-codec.ts',
    search: ' || (!isStored && readHead(text)?.head.apiVersion === apiVersion)',
    replace: '',
    why: 'two controllers that use two versions of a resource write for ever',
    tests: served,
  },
  {
    file: 'hub/src/apiserver/objects/stored/storage-codec.ts',
    search: "return `${current}${inner.slice(1)}${outer === '{}' ? '}' : `,${outer.slice(1)}`}`",
    replace: 'return exactJson({ ...JSON.parse(`${current}}}`), metadata: stored, ...rest })',
    why: 'an object with a number for a name at its top cannot be read any more',
    tests: served,
  },
  {
    file: 'hub/src/apiserver/bodies/unknown-fields.ts',
    search: 'if (node.plain) return',
    replace: 'if (false) return',
    why: 'a custom resource loses what Go takes for nothing',
    tests: served,
  },
]
