import { constants, type Stats } from 'node:fs'
import {
  chmod,
  chown,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises'

// open(2): a handle on a place in the tree and not on what it holds, so that no FIFO or device is ever opened. Node has no name for it.
const O_PATH = 0o10000000
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

export type Owner = { readonly uid: number; readonly gid: number }

/**
 * A folder held open. Whoever moves it or puts a link in its place meanwhile changes nothing: a name below it means what this very
 * folder holds. Names are single ones, never paths, and a link under a name is never followed.
 */
export class HeldFolder {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** `path` itself is trusted but for its last part, which may not be a link. */
  static async open(path: string): Promise<HeldFolder> {
    return new HeldFolder(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
  }

  /** The folder by its descriptor, as this process sees it; good only while it is held. */
  get path(): string {
    return `/proc/self/fd/${this.#handle.fd}`
  }

  at(name: string): string {
    if (name === '' || name === '.' || name === '..' || name.includes('/')) throw new Error(`expected a name, not ${JSON.stringify(name)}`)
    return `${this.path}/${name}`
  }

  stat(): Promise<Stats> {
    return this.#handle.stat()
  }

  /** Which mount it lies on: two folders of one file system can lie on two. */
  async mountId(): Promise<string> {
    const info = await readFile(`/proc/self/fdinfo/${this.#handle.fd}`, 'utf8')
    return /^mnt_id:\s*(\d+)/m.exec(info)?.[1] ?? ''
  }

  /** What stands under the name; a link is a link. */
  statOf(name: string): Promise<Stats | undefined> {
    return lstat(this.at(name)).catch(nothing)
  }

  names(): Promise<string[]> {
    return readdir(this.path)
  }

  folder(name: string): Promise<HeldFolder> {
    return HeldFolder.open(this.at(name))
  }

  /** Makes a folder that has exactly this mode, whatever the umask says, and answers it. */
  async makeFolder(name: string, mode: number, owner?: Owner): Promise<HeldFolder> {
    await mkdir(this.at(name), { mode: 0o700 })
    const made = await this.folder(name)
    try {
      if (owner) await made.#handle.chown(owner.uid, owner.gid)
      await made.#handle.chmod(mode)
      return made
    } catch (error) {
      await made.close()
      throw error
    }
  }

  /** Makes a new file that has exactly this mode; whatever stands under the name already is an error. */
  async makeFile(name: string, data: Uint8Array, { mode, owner }: { readonly mode: number; readonly owner?: Owner }): Promise<void> {
    const file = await open(this.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      await file.writeFile(data)
      if (owner) await file.chown(owner.uid, owner.gid)
      await file.chmod(mode)
    } finally {
      await file.close()
    }
  }

  linkTarget(name: string): Promise<string | undefined> {
    return readlink(this.at(name)).catch(nothing)
  }

  makeLink(name: string, target: string): Promise<void> {
    return symlink(target, this.at(name))
  }

  rename(from: string, to: string, into: HeldFolder = this): Promise<void> {
    return rename(this.at(from), into.at(to))
  }

  /** Removes a file or a link. */
  unlink(name: string): Promise<void> {
    return unlink(this.at(name))
  }

  rmdir(name: string): Promise<void> {
    return rmdir(this.at(name))
  }

  chown({ uid, gid }: Owner): Promise<void> {
    return this.#handle.chown(uid, gid)
  }

  chmod(mode: number): Promise<void> {
    return this.#handle.chmod(mode)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A file for reading, only if it is a regular one: no link is followed, and a FIFO or a device neither waits nor acts. Undefined for anything else. */
export async function openRegular(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(nothing)
  if (file === undefined) return undefined
  const isRegular = await file.stat().then((stats) => stats.isFile(), nothing)
  if (isRegular) return file
  await file.close()
  return undefined
}

// What is longer than any file of ours was written by somebody else.
const mostReplacedBytes = 64 * 1024

/**
 * Writes a file of our own in place (what is mounted somewhere stays the same file) and gives it exactly this mode, whatever the umask says.
 * Who reads meanwhile finds the old text or the new one, at most with empty lines after it: never none, and never the end of the old.
 */
export async function writeInPlace(path: string, data: string, mode: number): Promise<void> {
  const file = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`)
    const text = Buffer.from(data)
    if (stats.size > mostReplacedBytes) await file.truncate(0)
    else if (stats.size > text.length)
      await file.write(Buffer.concat([text, Buffer.alloc(stats.size - text.length, '\n')]), 0, stats.size, 0)
    if (stats.size > mostReplacedBytes || stats.size <= text.length) await file.write(text, 0, text.length, 0)
    await file.truncate(text.length)
    await file.chmod(mode)
  } finally {
    await file.close()
  }
}

/** A place below a folder, held without being opened for reading. */
export type HeldPlace = AsyncDisposable & {
  /** By this process' number, so that a program we start can reach it too. */
  readonly path: string
  readonly stats: Stats
}

/**
 * The place at `parts` below `root` (trusted, its links are followed), each part opened from the one before it and never through a link.
 * Missing parts become folders with the mode and owner of the root.
 */
export async function holdBelow(root: string, parts: readonly string[]): Promise<HeldPlace> {
  let held = await open(root, O_PATH | (parts.length > 0 ? O_DIRECTORY : 0))
  try {
    const { mode, uid, gid } = await held.stat()
    for (const [index, part] of parts.entries()) {
      const path = `/proc/self/fd/${held.fd}/${part}`
      const isFolder = index < parts.length - 1
      const find = () => open(path, O_PATH | O_NOFOLLOW | (isFolder ? O_DIRECTORY : 0))
      const found = await find().catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      const next = found ?? (await makeAndHold(path, find, { mode: mode & 0o7777, uid, gid }))
      await held.close()
      held = next
    }
    const stats = await held.stat()
    if (stats.isSymbolicLink()) throw new Error('a link took its place')
    const last = held
    return { path: `/proc/${process.pid}/fd/${held.fd}`, stats, [Symbol.asyncDispose]: () => last.close() }
  } catch (error) {
    await held.close()
    throw error
  }
}

async function makeAndHold(
  path: string,
  find: () => Promise<FileHandle>,
  { mode, uid, gid }: { mode: number } & Owner,
): Promise<FileHandle> {
  const isOurs = await mkdir(path, { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false // another container of this volume was first
      throw error
    },
  )
  const made = await find()
  if (!isOurs) return made
  const own = `/proc/self/fd/${made.fd}`
  try {
    if (!(await made.stat()).isDirectory()) throw new Error('something else took the place of a folder just made')
    await chown(own, uid, gid)
    await chmod(own, mode) // after chown, which takes setgid away
    return made
  } catch (error) {
    await made.close()
    throw error
  }
}

const nothing = () => undefined
