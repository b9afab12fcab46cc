import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'

/** Writes a file, and makes a folder, that only their owner can read; a power cut leaves the old or the new file whole. */
export function writeSecretFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileAtomic(path, text, 0o600)
}
