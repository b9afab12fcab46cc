import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const swap = defineFact({
  name: 'swap',
  read({ proc }) {
    const kib = Number(/^SwapTotal:\s+(\d+) kB/m.exec(readText(join(proc, 'meminfo')) ?? '')?.[1])
    return Number.isFinite(kib) ? { swapBytes: kib * 1024 } : {}
  },
})
