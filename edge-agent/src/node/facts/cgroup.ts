import { join } from 'node:path'
import { readText } from '../../host/read-sysfs.ts'
import { defineFact } from '../fact.ts'

/**
 * Which cgroups there are, and whether memory can be limited: the firmware of Raspberry Pis boots with the memory controller off.
 * The list of controllers is asked and not `/proc/cgroups`, which does not name memory any more on kernels without version 1 (6.12 on).
 */
export const cgroup = defineFact({
  name: 'cgroup',
  read({ sys, proc }) {
    const controllers = readText(join(sys, 'fs/cgroup/cgroup.controllers'))
    if (controllers !== undefined) return { cgroup: { version: 2, hasMemory: controllers.split(' ').includes('memory') } }
    const enabled = (readText(join(proc, 'cgroups')) ?? '')
      .split('\n')
      .find((line) => line.startsWith('memory\t'))
      ?.split('\t')[3]
    if (enabled === undefined && readText(join(proc, 'cgroups')) === undefined) return {}
    return { cgroup: { version: 1, hasMemory: enabled === '1' } }
  },
})
