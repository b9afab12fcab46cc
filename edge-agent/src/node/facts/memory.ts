import { join } from 'node:path'
import { decodeRevision } from '@bramble/firmware-images/revision-code.ts'
import { readBytes, readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const memory = defineFact({
  name: 'memory',
  read({ proc }) {
    const kib = Number(/^MemTotal:\s+(\d+) kB/m.exec(readText(join(proc, 'meminfo')) ?? '')?.[1])
    if (!Number.isFinite(kib)) return {}
    const memoryBytes = kib * 1024
    // What the kernel counts is less than what is printed on the box, by what GPU and firmware keep.
    const code = readBytes(join(proc, 'device-tree/system/linux,revision'))
    const printedMi = code?.length === 4 ? decodeRevision(code.readUInt32BE())?.memoryMi : undefined
    const gib = memoryBytes / 2 ** 30
    return {
      memoryBytes,
      ramGb: printedMi === undefined ? Math.max(0.5, gib > 1 ? Math.ceil(gib) : Math.ceil(gib * 2) / 2) : printedMi / 1024,
    }
  },
})
