import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

export const pids = defineFact({
  name: 'pids',
  read({ proc }) {
    const pidMax = Number(readText(join(proc, 'sys/kernel/pid_max')))
    return pidMax > 0 ? { pidMax } : {}
  },
})
