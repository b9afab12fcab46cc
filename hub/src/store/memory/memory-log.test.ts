import { describeStoreConformance } from '../conformance.ts'
import { createMemoryDisk, memoryLog } from './memory-log.ts'

describeStoreConformance('a memory log', () => {
  const disk = createMemoryDisk()
  return { open: () => memoryLog({ disk }), crash: async () => {}, dispose: async () => {} }
})
