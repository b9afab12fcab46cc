import { randomUUID } from 'node:crypto'
import { opendir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { HeldFolder } from './held-folder.ts'

/**
 * Removes a tree that somebody else made: no link in it is followed, no mount in it is entered (then this throws, and what is mounted
 * stays whole), and neither depth nor number is a burden. A tree that is not there is removed already.
 *
 * Each folder is emptied of files, its folders move up to the top, and then it goes: so two folders are held, however deep the tree is.
 * The kernel renames no mount point and moves nothing from one mount to another, which is what keeps us out of them.
 */
export async function removeTree(path: string): Promise<void> {
  const parent = await HeldFolder.open(dirname(path)).catch(nothing)
  if (!parent) return
  try {
    await removeEntry(parent, basename(path))
  } finally {
    await parent.close()
  }
}

/** The same for what stands under a name of a folder that is held. */
export async function removeEntry(parent: HeldFolder, name: string): Promise<void> {
  const stats = await parent.statOf(name)
  if (!stats) return
  if (!stats.isDirectory()) return unlink(parent, name)
  const top = await parent.folder(name)
  try {
    if ((await top.mountId()) !== (await parent.mountId()))
      throw new Error(`${name} is a mount point: what is mounted there is not removed`)
    const moved = new Set<string>()
    while (await empty(top, { top, moved })) {
      // What is moved up meanwhile is visited as well.
      for (const each of moved) {
        const folder = await top.folder(each)
        try {
          while (await empty(folder, { top, moved }));
        } finally {
          await folder.close()
        }
        await top.rmdir(each)
        moved.delete(each)
      }
    }
  } finally {
    await top.close()
  }
  await parent.rmdir(name)
}

type Upwards = { readonly top: HeldFolder; readonly moved: Set<string> }

/** Removes the files of a folder and moves its folders up; answers whether there was anything. */
async function empty(folder: HeldFolder, { top, moved }: Upwards): Promise<boolean> {
  let hadAny = false
  for await (const { name } of await opendir(folder.path)) {
    if (folder === top && moved.has(name)) continue
    hadAny = true
    if ((await folder.statOf(name))?.isDirectory()) {
      const up = randomUUID()
      moved.add(up)
      await folder.rename(name, up, top)
    } else {
      await unlink(folder, name)
    }
  }
  return hadAny
}

async function unlink(folder: HeldFolder, name: string): Promise<void> {
  await folder.unlink(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

const nothing = () => undefined
