import { readFileSync } from 'node:fs'
import { exec } from './exec.ts'

/** Every mount point at or below the folders, deepest first. */
export function mountsUnder(folders: readonly string[], mounts = readFileSync('/proc/mounts', 'utf8')): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' ')[1]?.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point): point is string => point !== undefined && folders.some((folder) => point === folder || point.startsWith(`${folder}/`)))
    .toReversed()
}

/** Unmounts all of them; what is busy is detached, so that nothing stays behind once its last user ends. */
export async function unmountUnder(folders: readonly string[]): Promise<void> {
  for (const point of mountsUnder(folders)) {
    const { code } = await exec('umount', [point])
    if (code !== 0) await exec('umount', ['--lazy', point])
  }
}
