import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a whole file so that a power cut leaves the old or the new one: temporary file, fsync, rename, fsync of the folder. */
export function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o644): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const temporary = `${path}.new`
  // A leftover would keep its own mode.
  rmSync(temporary, { force: true })
  try {
    synced(openSync(temporary, 'wx', mode), (file) => writeWhole(file, typeof data === 'string' ? Buffer.from(data) : data))
  } catch (error) {
    // On a full disk half a file is in everybody's way.
    rmSync(temporary, { force: true })
    throw error
  }
  renameSync(temporary, path)
  synced(openSync(folder, 'r'))
}

/** A disk with little room takes a part and says so by the count alone; the rest is refused with its reason. */
function writeWhole(file: number, data: Uint8Array): void {
  for (let written = 0; written < data.byteLength;) {
    const count = writeSync(file, data, written)
    if (count === 0) throw new Error(`the disk took ${written} of ${data.byteLength} bytes and no more`)
    written += count
  }
}

function synced(file: number, write: (file: number) => void = () => {}): void {
  try {
    write(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
