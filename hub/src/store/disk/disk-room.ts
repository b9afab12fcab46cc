import { statfs } from 'node:fs/promises'

// A commit writes some pages to the log and, now and then, copies them into the file.
const roomBytes = 1024 * 1024

/** Throws when the disk under a folder has no room for the next changes, with what that means. */
export async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free < roomBytes)
    throw new Error(`the disk of ${folder} is full (${Math.floor(free / 1024)} KiB free): make room, until then changes are refused`)
}
