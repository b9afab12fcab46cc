import type { Mutant } from './mutant.ts'

const tests = ['hub/src/store/resealing.test.ts']

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/store/disk/sealed-disk.ts',
    search: `for (const revision of batch.drop) sealedRows.delete(revision)`,
    replace: ``,
    why: 'an older key is never known to be needed no more',
    tests,
  },
  {
    file: 'hub/src/store/resealing.ts',
    search: `if (entry?.revision !== revision) continue`,
    replace: `if (entry?.revision === revision) continue`,
    why: 'a new key leaves everything sealed with the old one',
    tests,
  },
]
