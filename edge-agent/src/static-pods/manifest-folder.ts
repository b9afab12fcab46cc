import { constants, type Stats } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Manifest } from './static-pod.ts'

/** One file of the folder as it was found; `why` it is no pod. */
export type Found = Manifest | { readonly file: string; readonly why: string }

// As of any object of the API.
const maxBytes = 3 * 1024 * 1024
const pieceBytes = 64 * 1024

export type ReadPod = (text: string) => Pod | Promise<Pod>

/** Reads a folder of manifests, one pod a file, again and again: what has not changed since is not read anew. */
export function createManifestFolder(folder: string, readPod: ReadPod) {
  let known = new Map<string, { readonly print: string; readonly found: Found }>()

  const read = async (file: string, { mtimeMs }: Stats): Promise<Found> => {
    try {
      return { file, pod: await readPod(await textOf(join(folder, file))), writtenAt: Math.floor(mtimeMs) }
    } catch (error) {
      return { file, why: messageOf(error) }
    }
  }

  /** All files by name, as they are now; none where there is no folder. Throws when the folder cannot be read: nothing is known then. */
  return async function readManifests(): Promise<readonly Found[]> {
    const now = new Map<string, { readonly print: string; readonly found: Found }>()
    for (const file of (await namesIn(folder)).toSorted()) {
      // Editors and those who write beside and rename leave such.
      if (file.startsWith('.')) continue
      const stats = await stat(join(folder, file)).catch(() => undefined)
      if (!stats?.isFile()) continue
      const print = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
      const before = known.get(file)
      now.set(file, before?.print === print ? before : { print, found: await read(file, stats) })
    }
    known = now
    return [...now.values()].map(({ found }) => found)
  }
}

/** What the kernel shows as a file of no length may have no end (`/proc/kmsg`), or nothing to say for now. */
async function textOf(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const pieces: Buffer[] = []
    for (let length = 0; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, null)
      if (bytesRead === 0) return Buffer.concat(pieces).toString('utf8')
      length += bytesRead
      if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes, and a pod so many at most`)
      pieces.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
