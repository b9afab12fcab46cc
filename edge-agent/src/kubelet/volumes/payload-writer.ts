import { chmod, chown, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Payload } from './payload.ts'

const dataLink = '..data'

/**
 * Puts the files into the folder so that a reader sees the old or the new set, never a mixture: they are written into a
 * fresh folder, to which the one link `..data` is then turned; every visible name is a link through it. What is the same is left alone.
 */
export async function writePayload(dir: string, payload: Payload, fsGroup?: number): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o755 })
  const current = await readlink(join(dir, dataLink)).catch(() => undefined)
  if (current !== undefined && (await isSame(join(dir, current), payload, fsGroup))) return

  const fresh = await mkdtemp(join(dir, `..${new Date().toISOString().replace(/[-:T]/g, '_').slice(0, 19)}.`))
  await chmod(fresh, 0o755)
  for (const [path, { data, mode }] of payload) {
    const file = join(fresh, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o755 })
    await writeFile(file, data)
    await chmod(file, modeFor(mode, fsGroup))
    if (fsGroup !== undefined) await chown(file, 0, fsGroup)
  }
  const name = fresh.slice(dir.length + 1)
  await rm(join(dir, '..data_tmp'), { force: true })
  await symlink(name, join(dir, '..data_tmp'))
  await rename(join(dir, '..data_tmp'), join(dir, dataLink))

  const tops = new Set([...payload.keys()].map((path) => path.split('/')[0] as string)) // split always gives one
  for (const top of tops) {
    const link = join(dir, top)
    if ((await readlink(link).catch(() => undefined)) === undefined) await symlink(join(dataLink, top), link)
  }
  for (const entry of await readdir(dir)) {
    const isOurs = entry === dataLink || entry === name || tops.has(entry)
    if (!isOurs) await rm(join(dir, entry), { recursive: true, force: true })
  }
}

/** A group that is to own the files can read them. */
const modeFor = (mode: number, fsGroup: number | undefined) => (fsGroup === undefined ? mode : mode | 0o440)

async function isSame(folder: string, payload: Payload, fsGroup: number | undefined): Promise<boolean> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  if (files.filter((entry) => entry.isFile()).length !== payload.size) return false
  for (const [path, { data, mode }] of payload) {
    const file = join(folder, path)
    const stats = await stat(file).catch(() => undefined)
    if (!stats || stats.size !== data.length || (stats.mode & 0o7777) !== modeFor(mode, fsGroup)) return false
    if (!(await readFile(file)).equals(data)) return false
  }
  return true
}
