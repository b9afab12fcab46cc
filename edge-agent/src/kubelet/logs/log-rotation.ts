import { constants } from 'node:fs'
import { open, readdir, rename, rm, truncate } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openRegular } from '../../host/held-folder.ts'

/** Puts the full file aside under the next number, lets the runtime begin a new one and removes the oldest beyond `maxFiles`. */
export async function rotateLog(
  path: string,
  { maxFiles, reopen }: { readonly maxFiles: number; readonly reopen: () => Promise<void> },
): Promise<void> {
  // A number and no time: boards set their clocks back, and the order of what was written must not follow.
  const last = (await rotatedFiles(path)).map((file) => numberOf(file, path)).findLast((number) => number !== undefined) ?? 0
  const aside = `${path}.${last + 1}`
  await rename(path, aside)
  try {
    await reopen()
  } catch (error) {
    await rename(aside, path) // the runtime still writes to it; the next round tries again
    throw error
  }
  const old = await rotatedFiles(path)
  for (const file of old.slice(0, Math.max(0, old.length - (maxFiles - 1)))) await rm(file, { force: true })
}

const chunkBytes = 64 * 1024

/** Leaves the last so many bytes of a log to which nobody writes any more, from the beginning of a line. On a full disk, which has no room for a copy, nothing is left. */
export async function cutLog(path: string, maxBytes: number): Promise<void> {
  const log = await openRegular(path)
  if (!log) return
  const copy = join(dirname(path), `cut-${basename(path)}`)
  try {
    const { size } = await log.stat()
    if (size <= maxBytes) return
    const file = await open(copy, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o640)
    try {
      let isInLine = false
      for (let at = Math.max(0, size - maxBytes); at < size;) {
        const { buffer, bytesRead } = await log.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at)
        if (bytesRead === 0) break
        at += bytesRead
        const bytes = buffer.subarray(0, bytesRead)
        const start: number = isInLine ? 0 : bytes.indexOf(10) + 1
        isInLine ||= start > 0
        if (isInLine) await file.writeFile(bytes.subarray(start))
      }
    } finally {
      await file.close()
    }
    await rename(copy, path)
  } catch (error) {
    await rm(copy, { force: true })
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    await truncate(path)
  } finally {
    await log.close()
  }
}

/** What was put aside of a log, oldest first: by number; before them those of earlier versions, which were named by their time. */
export async function rotatedFiles(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => [])
  const files = names.filter((name) => name.startsWith(`${basename(path)}.`)).map((name) => join(dirname(path), name))
  return files.sort((a, b) => (numberOf(a, path) ?? 0) - (numberOf(b, path) ?? 0) || (a < b ? -1 : 1))
}

const numberOf = (file: string, path: string): number | undefined => {
  const rest = file.slice(path.length + 1)
  return /^\d+$/.test(rest) ? Number(rest) : undefined
}
