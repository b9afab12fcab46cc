import { join } from 'node:path'
import { readText } from './read-sysfs.ts'

/** Names this start of the machine; undefined where the kernel does not tell. */
export const readBootId = (proc = '/proc'): string | undefined => readText(join(proc, 'sys/kernel/random/boot_id'))
