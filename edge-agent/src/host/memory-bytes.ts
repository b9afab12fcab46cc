import { join } from 'node:path'
import { readText } from './read-sysfs.ts'

/** What the kernel counts as this machine's memory; undefined where it does not tell. */
export function memoryBytes(proc = '/proc'): number | undefined {
  const kib = /^MemTotal:\s+(\d+) kB/m.exec(readText(join(proc, 'meminfo')) ?? '')?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}
