import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const cpus = defineFact({
  name: 'cpus',
  read({ sys, proc }) {
    const online = readText(join(sys, 'devices/system/cpu/online'))
    const counted = online === undefined ? undefined : countOf(online)
    const listed = (readText(join(proc, 'cpuinfo')) ?? '').split('\n').filter((line) => line.startsWith('processor')).length
    const cpus = counted ?? listed
    return cpus > 0 ? { cpus } : {}
  },
})

/** `0-3,5` is five. */
const countOf = (ranges: string): number =>
  ranges.split(',').reduce((sum, range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return sum + to - from + 1
  }, 0)
