import { readdirSync, readFileSync } from 'node:fs'

// What a kernel says when a file is there but has nothing to tell: no such file, device, process or link, not permitted, not supported.
const silent = new Set(['ENOENT', 'ESRCH', 'ENOTDIR', 'ENODEV', 'ENXIO', 'EACCES', 'EPERM', 'EIO', 'EINVAL', 'EOPNOTSUPP', 'EISDIR'])

/** A small text file of /proc, /sys or /etc, trimmed of blanks and NULs; undefined when this machine does not have it. */
export function readText(path: string): string | undefined {
  const bytes = readBytes(path)
  return bytes?.toString('utf8').replace(/\0+$/, '').trim()
}

export function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (silent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** The names in a folder, sorted; none when it is not there. */
export function readNames(path: string): readonly string[] {
  try {
    return readdirSync(path).sort()
  } catch (error) {
    if (silent.has((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
