import { statfsSync } from 'node:fs'
import { defineFact } from '../fact.ts'

/** How much of the disk that pods write to is free: of its bytes and, on file systems that count them, of its inodes. */
export const diskRoom = defineFact({
  name: 'disk room',
  changes: true,
  read({ dataDir }) {
    const { bavail, blocks, bsize, files, ffree } = statfsSync(dataDir)
    return { diskRoom: { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, freeInodes: files === 0 ? 1 : ffree / files } }
  },
})
