import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { machineUsage } from '../host/machine-usage.ts'
import { memoryInfo } from '../host/memory-info.ts'
import { readText } from '../host/read-sysfs.ts'
import { groupUsage } from '../host/group-usage.ts'
import { networkUsage, ofMachine } from '../host/network-usage.ts'
import type { Machine } from './page.ts'

/** The machine as a whole. The root of all groups does not count everything itself: what it lacks comes of /proc. */
export function readMachine(dataDir: string, proc = '/proc'): Machine {
  const memory = memoryInfo(proc)
  const bytesOf = (name: string) => memory(name) ?? 0
  const stat = readText(join(proc, 'stat')) ?? ''
  const { cpuNanoSeconds, memoryBytes: workingSetBytes } = machineUsage(proc)
  const { bavail, blocks, bsize, files, ffree } = statfsSync(dataDir)
  return {
    group: {
      ...groupUsage('/'),
      ...{ cpuNanoSeconds, workingSetBytes, memoryBytes: bytesOf('MemTotal') - bytesOf('MemFree'), limitBytes: undefined },
      swapBytes: bytesOf('SwapTotal') - bytesOf('SwapFree'),
    },
    network: networkUsage('self', ofMachine, proc),
    cores: stat.match(/^cpu\d+ /gm)?.length ?? 1,
    memoryBytes: bytesOf('MemTotal'),
    swapBytes: bytesOf('SwapTotal'),
    startedAt: Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0) * 1000,
    disk: { sizeBytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree },
  }
}
