import type { Mutant } from './mutant.ts'

const tests = ['test/fault/power-cut/power-cut.test.ts']
const files = ['hub/src/store/sqlite/database.ts', 'edge-agent/src/cache/open-database.ts']

export const mutants: readonly Mutant[] = [
  ...files.flatMap((file): readonly Mutant[] => [
    { file, search: `synchronous = FULL`, replace: `synchronous = OFF`, why: 'a power cut loses acknowledged writes', tests },
    { file, search: `journal_mode = WAL`, replace: `journal_mode = MEMORY`, why: 'a power cut damages the file', tests },
  ]),
  {
    file: 'shared/src/process/atomic-file.ts',
    search: `synced(openSync(folder, 'r'))`,
    replace: `void folder`,
    why: 'a power cut takes a file back that was written',
    tests,
  },
]
