import { join } from 'node:path'
import { decodeRevision } from '@bramble/firmware-images/revision-code.ts'
import { memoryInfo } from '../../host/memory-info.ts'
import { readBytes } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const memory = defineFact({
  name: 'memory',
  read({ proc }) {
    const bytes = memoryInfo(proc)('MemTotal')
    if (bytes === undefined) return {}
    // What the kernel counts is less than what is printed on the box, by what GPU and firmware keep.
    const code = readBytes(join(proc, 'device-tree/system/linux,revision'))
    const printedMi = code?.length === 4 ? decodeRevision(code.readUInt32BE())?.memoryMi : undefined
    const gib = bytes / 2 ** 30
    return {
      memoryBytes: bytes,
      ramGb: printedMi === undefined ? Math.max(0.5, gib > 1 ? Math.ceil(gib) : Math.ceil(gib * 2) / 2) : printedMi / 1024,
    }
  },
})
