import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { removeTree } from '../host/remove-tree.ts'
import type { PodPaths } from './paths.ts'

export type Leftovers = {
  readonly wanted: ReadonlyMap<string, Pod>
  readonly workFor: (uid: string) => unknown
  readonly paths: PodPaths
}

/** Files of pods that neither the hub nor the runtime knows: we were killed between their last container and their files. */
export async function removeLeftovers({ wanted, workFor, paths }: Leftovers): Promise<void> {
  for (const uid of await readdir(paths.pods).catch(() => [])) if (!wanted.has(uid)) workFor(uid)
  for (const folder of await readdir(paths.logs).catch(() => [])) {
    const uid = folder.split('_')[2] ?? ''
    // On a card that cannot be written they stay, and harm nobody.
    if (!wanted.has(uid)) await removeTree(join(paths.logs, folder)).catch(() => {})
  }
}
