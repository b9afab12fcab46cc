import { join } from 'node:path'
import { readBytes } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

const atPageSize = 6n // AT_PAGESZ in linux/auxvec.h

/** From the auxiliary vector, as `getconf PAGESIZE` does, without starting it. */
export const pageSize = defineFact({
  name: 'page-size',
  read({ proc, processArch }) {
    const vector = readBytes(join(proc, 'self/auxv'))
    if (vector === undefined) return {}
    const wide = processArch !== 'arm' && processArch !== 'ia32'
    const word = wide ? 8 : 4
    for (let at = 0; at + 2 * word <= vector.length; at += 2 * word) {
      const read = (from: number) => (wide ? vector.readBigUInt64LE(from) : BigInt(vector.readUInt32LE(from)))
      if (read(at) === atPageSize) return { pageSizeBytes: Number(read(at + word)) }
    }
    return {}
  },
})
