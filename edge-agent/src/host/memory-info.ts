import { join } from 'node:path'
import { readText } from './read-sysfs.ts'

/** What the kernel tells of this machine's memory under a name (`MemTotal`), in bytes; undefined where it does not tell. */
export function memoryInfo(proc = '/proc'): (name: string) => number | undefined {
  const lines = (readText(join(proc, 'meminfo')) ?? '').split('\n')
  return (name) => {
    const kib = /^(\d+) kB$/.exec(
      lines
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? '',
    )?.[1]
    return kib === undefined ? undefined : Number(kib) * 1024
  }
}
