import { describeStoreConformance } from '../conformance/suite.ts'
import { groupCommit } from '../disk/group-commit.ts'
import { createMemoryRows, memoryDisk } from './memory-disk.ts'

describeStoreConformance('a memory disk', () => {
  const rows = createMemoryRows()
  return { open: () => groupCommit({ disk: memoryDisk(rows) }), crash: async () => {}, dispose: async () => {} }
})
