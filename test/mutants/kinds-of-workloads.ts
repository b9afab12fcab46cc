import type { Mutant } from './mutant.ts'

const volumes = ['shared/src/kinds/persistent-volume.test.ts']
const jobs = ['shared/src/kinds/job.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'shared/src/kinds/persistent-volume-claim.ts',
    search: `return isLess && wanted <= sizeOf(previous.status?.capacity)`,
    replace: `return isLess && wanted < 0n`,
    why: 'a claim asks for less than there is, and a driver would cut the volume',
    tests: volumes,
  },
  {
    file: 'shared/src/kinds/persistent-volume.ts',
    search: `isSameJson(lastingSource(spec), lastingSource(previous))`,
    replace: `lastingSource(spec) !== undefined`,
    why: 'a bound volume becomes another disk under its claim',
    tests: volumes,
  },
  {
    file: 'shared/src/kinds/job.ts',
    search: `return found === value ? [] : `,
    replace: `return found !== '' ? [] : `,
    why: 'two Jobs find the same pods',
    tests: jobs,
  },
  {
    file: 'hub/src/apiserver/ownership/fields-of.ts',
    search: `  return inOrder(set)`,
    replace: `  return set`,
    why: 'a PUT of what is there is a write',
    tests: ['hub/src/apiserver/behaviour/same-put.test.ts'],
  },
]
