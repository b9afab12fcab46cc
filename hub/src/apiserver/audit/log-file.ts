import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import { type Backups, backupPath, dropBackups } from './backups.ts'
import type { Output } from './written-lines.ts'

export type LogFileOptions = { readonly path: string; readonly maxBytes: number; readonly backups: Backups; readonly clock: Clock }

/**
 * A file of lines that is put aside when it is full. What a full disk lets through of a batch is cut away again, and what a power cut has torn off ends
 * its line. Nothing is synced: a power cut costs the last seconds, and a card is not worn out for them.
 */
export function logFile({ path, maxBytes, backups, clock }: LogFileOptions): Output {
  let file: FileHandle | undefined
  let size = 0

  const opened = async (): Promise<FileHandle> => {
    if (file !== undefined) return file
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(path, 'a+', 0o600)
    try {
      size = (await handle.stat()).size
      if (size > 0 && !(await endsLine(handle, size))) size += (await handle.write('\n')).bytesWritten
    } catch (error) {
      await handle.close()
      throw error
    }
    return (file = handle)
  }
  const close = async (): Promise<void> => {
    const handle = file
    file = undefined
    await handle?.close()
  }
  const putAside = async (): Promise<void> => {
    await close()
    let at = clock.now()
    while (await isThere(backupPath(path, at))) at++
    await rename(path, backupPath(path, at))
    await dropBackups(path, backups, clock.now())
  }

  return {
    async write(bytes) {
      // Somebody may have taken it away, as programs do that rotate logs themselves.
      if (file !== undefined && !(await isThere(path))) await close()
      let handle = await opened()
      if (size > 0 && size + bytes.byteLength > maxBytes) {
        await putAside()
        handle = await opened()
      }
      try {
        await handle.writeFile(bytes)
      } catch (error) {
        await handle.truncate(size).catch(() => {}) // why it could not be written is told
        await close()
        throw error
      }
      size += bytes.byteLength
    },
    close,
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1)
  await file.read(last, 0, 1, size - 1)
  return last.toString() === '\n'
}
