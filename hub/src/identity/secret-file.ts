import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file only its owner can read, so that a power cut leaves the old or the new one whole. */
export function writeSecretFile(path: string, text: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  // A leftover would keep its own mode.
  rmSync(temporary, { force: true })
  synced(openSync(temporary, 'wx', 0o600), (file) => writeSync(file, text))
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
