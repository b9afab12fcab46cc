import { basename, dirname, extname, join } from 'node:path'
import { readdir, unlink } from 'node:fs/promises'

export type Backups = {
  /** As many are kept; 0: all. */
  readonly most: number
  /** Days after which they go, by what their names say; 0: they stay. */
  readonly days: number
}

const parts = (path: string) => {
  const extension = extname(path)
  return { folder: dirname(path), stem: `${basename(path, extension)}-`, extension }
}

/** Where a full log is put aside: `audit-2026-11-28T07-30-00.000.log`, as by Kubernetes, which tells how old it is. */
export function backupPath(path: string, now: number): string {
  const { folder, stem, extension } = parts(path)
  return join(folder, `${stem}${new Date(now).toISOString().slice(0, -1).replaceAll(':', '-')}${extension}`)
}

/** Deletes those that are too many or too old, and touches nothing that has another name. */
export async function dropBackups(path: string, { most, days }: Backups, now: number): Promise<void> {
  const { folder, stem, extension } = parts(path)
  const found = (await readdir(folder))
    .flatMap((name) => {
      const at =
        name.startsWith(stem) && name.endsWith(extension) ? timeIn(name.slice(stem.length, name.length - extension.length)) : undefined
      return at === undefined ? [] : [{ name, at }]
    })
    .toSorted((one, other) => other.at - one.at)
  const tooOld = now - days * 86_400_000
  for (const [index, { name, at }] of found.entries())
    if ((most > 0 && index >= most) || (days > 0 && at < tooOld)) await unlink(join(folder, name))
}

function timeIn(text: string): number | undefined {
  const [, day = '', hours = '', minutes = '', seconds = ''] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text) ?? []
  const at = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`)
  return Number.isNaN(at) ? undefined : at
}
