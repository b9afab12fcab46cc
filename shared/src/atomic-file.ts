import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a whole file so that a power cut leaves the old or the new one: temporary file, fsync, rename, fsync of the folder. */
export function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o644): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const temporary = `${path}.new`
  // A leftover would keep its own mode.
  rmSync(temporary, { force: true })
  synced(openSync(temporary, 'wx', mode), (file) => writeSync(file, typeof data === 'string' ? Buffer.from(data) : data))
  renameSync(temporary, path)
  synced(openSync(folder, 'r'))
}

function synced(file: number, write: (file: number) => void = () => {}): void {
  try {
    write(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
