import { afterEach, describe } from 'vitest'
import { Bed, type LogUnderTest } from './bed.ts'
import { boundsWhatIsInMemoryOnly } from './memory-bounds.ts'
import { boundsItsHistory } from './history.ts'
import { boundsWhatWaits } from './waiting-writes.ts'
import { compacts } from './compaction.ts'
import { findsByFields } from './fields.ts'
import { isDurable } from './durability.ts'
import { keepsSomeInMemoryOnly } from './memory-only.ts'
import { letsOneWriterWin } from './conflicts.ts'
import { reads } from './reading.ts'
import { tellsItsLives } from './lives.ts'
import { tellsWatchers } from './watching.ts'
import { writesSeveralAtOnce } from './transactions.ts'
import { hasAQuota } from './quota.ts'

const properties: readonly ((bed: Bed) => void)[] = [
  reads,
  findsByFields,
  letsOneWriterWin,
  writesSeveralAtOnce,
  isDurable,
  tellsItsLives,
  keepsSomeInMemoryOnly,
  tellsWatchers,
  compacts,
  boundsItsHistory,
  boundsWhatWaits,
  hasAQuota,
  boundsWhatIsInMemoryOnly,
]

/** What every backend of the store must do. Run it in the test file of each. */
export function describeStoreConformance(name: string, start: () => Promise<LogUnderTest> | LogUnderTest): void {
  describe(`a store on ${name}`, () => {
    const bed = new Bed(start)
    afterEach(() => bed.end())
    for (const property of properties) property(bed)
  })
}
