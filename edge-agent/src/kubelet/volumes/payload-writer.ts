import { createHash, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'
import { HeldFolder, openRegular, type Owner } from '../../host/held-folder.ts'
import { removeEntry } from '../../host/remove-tree.ts'
import type { Source } from './payload.ts'
import { VolumeProblem } from './volume-plugin.ts'

const dataLink = '..data'
const nextLink = '..data_tmp'
// What the link may point to: a folder beside it that carries a name of ours.
const dataName = /^\.\.\d[\w.-]*$/

/**
 * Puts the files into the folder so that a reader sees the old or the new set, never a mixture: they are written into a
 * fresh folder, to which the one link `..data` is then turned; every visible name is a link through it. What is the same is left alone.
 * The folder is opened once and nothing found in it is followed, so nobody who can write to it can lead us elsewhere.
 * Of two sources with the same path the later one has it. Sources are read one at a time, once to compare and once to write.
 */
export async function writePayload(dir: string, sources: readonly Source[], fsGroup?: number): Promise<void> {
  const prints = await printsOf(sources, fsGroup)
  const folders = foldersFor(prints)
  await mkdir(dir, { recursive: true })
  const folder = await HeldFolder.open(dir)
  try {
    if (((await folder.stat()).mode & 0o7777) !== 0o755) await folder.chmod(0o755)
    const current = await folder.linkTarget(dataLink)
    if (current !== undefined && dataName.test(current) && (await isSame(folder, current, { prints, folders }))) return

    const name = `..${new Date().toISOString().replace(/[-:T]/g, '_').slice(0, 19)}.${randomBytes(4).toString('hex')}`
    try {
      await writeFresh(folder, name, { sources, prints, fsGroup })
    } catch (error) {
      await removeEntry(folder, name)
      throw error
    }
    await removeEntry(folder, nextLink)
    await folder.makeLink(nextLink, name)
    if ((await folder.statOf(dataLink))?.isDirectory()) await removeEntry(folder, dataLink)
    await folder.rename(nextLink, dataLink)

    const tops = new Set([...prints.keys()].map((path) => path.split('/')[0] as string)) // split always gives one
    for (const top of tops) {
      const target = `${dataLink}/${top}`
      if ((await folder.linkTarget(top)) === target) continue
      await removeEntry(folder, top)
      await folder.makeLink(top, target)
    }
    for (const entry of await folder.names()) {
      const isOurs = entry === dataLink || entry === name || tops.has(entry)
      if (!isOurs) await removeEntry(folder, entry)
    }
  } finally {
    await folder.close()
  }
}

// Each is made, and looked at whenever an object of the pod changes. A chart has some dozen.
const maxFolders = 10_000

/** The file that stands at the path now; undefined when none does. Nothing found there is followed but what was written above. */
export async function readPayload(dir: string, path: string): Promise<Buffer | undefined> {
  const open: HeldFolder[] = []
  try {
    let at = await HeldFolder.open(dir)
    open.push(at)
    const current = await at.linkTarget(dataLink)
    if (current === undefined || !dataName.test(current)) return undefined
    const parts = [current, ...path.split('/')]
    const file = parts.pop() ?? ''
    for (const part of parts) open.push((at = await at.folder(part)))
    await using found = await openRegular(at.at(file))
    return await found?.readFile()
  } catch {
    return undefined
  } finally {
    for (const folder of open) await folder.close()
  }
}

/** The folders that the files stand in: `a/b/c` → `a`, `a/b`. */
function foldersFor(prints: Prints): ReadonlySet<string> {
  let levels = 0
  const folders = new Set<string>()
  for (const path of prints.keys()) {
    levels += path.split('/').length - 1
    if (levels > maxFolders)
      throw new VolumeProblem(
        `its paths, such as ${JSON.stringify(cutText(path, 80))}, have more than ${maxFolders} folders together: use shorter ones`,
      )
    for (const { index } of path.matchAll(/\//g)) {
      const above = path.slice(0, index)
      if (prints.has(above)) throw new Error(`${path}: another entry is a file where this one needs a folder`)
      folders.add(above)
    }
  }
  return folders
}

/** What a file is to be, without what is in it; `source` is the one that has the path. */
type Print = { readonly source: number; readonly size: number; readonly mode: number; readonly digest: string }
type Prints = ReadonlyMap<string, Print>

async function printsOf(sources: readonly Source[], fsGroup: number | undefined): Promise<Prints> {
  const prints = new Map<string, Print>()
  for (const [source, read] of sources.entries()) {
    if (isTurnOver()) await nextTurn()
    for (const [path, { data, mode }] of read())
      prints.set(path, { source, size: data.length, mode: modeFor(mode, fsGroup), digest: digestOf(data) })
  }
  return prints
}

type Fresh = { readonly sources: readonly Source[]; readonly prints: Prints; readonly fsGroup: number | undefined }

async function writeFresh(folder: HeldFolder, name: string, { sources, prints, fsGroup }: Fresh): Promise<void> {
  await (await folder.makeFolder(name, 0o755)).close()
  let written = 0
  for (const [source, read] of sources.entries())
    for (const [path, { data, mode, user }] of read()) {
      const print = prints.get(path)
      if (print !== undefined && print.source !== source) continue
      if (print?.digest !== digestOf(data)) throw changed()
      await writeFile(folder, name, { path, data, mode: modeFor(mode, fsGroup), owner: ownerOf(user, fsGroup) })
      written += 1
    }
  if (written !== prints.size) throw changed()
}

const ownerOf = (user: number | undefined, fsGroup: number | undefined): Owner | undefined =>
  user === undefined && fsGroup === undefined ? undefined : { uid: user ?? 0, gid: fsGroup ?? 0 }

// A volume shows one state of an object, never a part of each of two.
const changed = () => new VolumeProblem('an object changed while it was written, it is written again')

type File = { readonly path: string; readonly data: Uint8Array; readonly mode: number; readonly owner: Owner | undefined }

async function writeFile(folder: HeldFolder, name: string, { path, data, mode, owner }: File): Promise<void> {
  const parts = path.split('/')
  const file = parts.pop() ?? ''
  let at = await folder.folder(name)
  try {
    for (const part of parts) {
      const above = at
      at = (await above.statOf(part)) ? await above.folder(part) : await above.makeFolder(part, 0o755)
      await above.close()
    }
    await at.makeFile(file, data, { mode, owner })
  } finally {
    await at.close()
  }
}

/** A group that is to own the files can read them. */
const modeFor = (mode: number, fsGroup: number | undefined) => (fsGroup === undefined ? mode : mode | 0o440)

/** Whether the folder of that name holds these files and nothing else. */
async function isSame(
  folder: HeldFolder,
  name: string,
  { prints, folders }: { readonly prints: Prints; readonly folders: ReadonlySet<string> },
): Promise<boolean> {
  const left = new Map(prints)
  const look = async (above: HeldFolder, entry: string, path: string): Promise<boolean> => {
    const held = await above.folder(entry).catch(() => undefined)
    if (!held) return false
    try {
      for (const each of await held.names()) {
        const below = path === '' ? each : `${path}/${each}`
        const stats = await held.statOf(each)
        if (stats?.isDirectory()) {
          if (!folders.has(below) || !(await look(held, each, below))) return false
          continue
        }
        const wanted = left.get(below)
        if (!wanted || !stats || stats.size !== wanted.size || (stats.mode & 0o7777) !== wanted.mode) return false
        if (!(await holds(held.at(each), wanted))) return false
        left.delete(below)
      }
      return true
    } finally {
      await held.close()
    }
  }
  return (await look(folder, name, '')) && left.size === 0
}

async function holds(path: string, { size, digest }: Print): Promise<boolean> {
  const file = await openRegular(path)
  if (!file) return false
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size + 1), 0, size + 1, 0)
    return digestOf(buffer.subarray(0, bytesRead)) === digest
  } finally {
    await file.close()
  }
}

const digestOf = (data: Uint8Array) => createHash('sha256').update(data).digest('base64')
