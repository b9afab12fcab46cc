import { join } from 'node:path'
import { memoryInfo } from './memory-info.ts'
import { readText } from './read-sysfs.ts'

export type MachineUsage = { readonly cpuNanoSeconds: number; readonly memoryBytes: number }

/** The kernel counts in hundredths of a second, whatever its own ticks are. */
const nanosOfTick = 10_000_000

/** CPU time that was worked since the start, and memory that could not be had without taking it from somebody. */
export function machineUsage(proc = '/proc'): MachineUsage {
  const line = /^cpu +(.*)$/m.exec(readText(join(proc, 'stat')) ?? '')?.[1] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line.split(' ').map(Number)
  const memory = memoryInfo(proc)
  const bytesOf = (name: string) => memory(name) ?? 0
  return {
    cpuNanoSeconds: (user + nice + system + irq + softIrq + steal) * nanosOfTick,
    memoryBytes: Math.max(0, bytesOf('MemTotal') - bytesOf('MemFree') - bytesOf('Inactive(file)')),
  }
}
