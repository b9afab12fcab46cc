import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'

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

/** The whole lines of a text file of /proc that begin within so many bytes, of which somebody else may make as much as he likes; empty when it is not there. */
export function beginningOf(path: string, maxBytes: number): string {
  const room = Buffer.allocUnsafe(maxBytes)
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      // The kernel gives a page at a time.
      for (let bytes = -1; bytes !== 0 && length < maxBytes; length += bytes) bytes = readSync(file, room, length, maxBytes - length, null)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (!silent.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  const text = room.toString('utf8', 0, length)
  return length < maxBytes ? text : text.slice(0, text.lastIndexOf('\n') + 1)
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
