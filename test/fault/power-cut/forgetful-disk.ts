import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Operation } from './recording.ts'

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }
class File {
  synced: Buffer = Buffer.alloc(0)
  pending: Change[] = []
}
const folder = Symbol('folder')
type Names = Map<string, File | typeof folder>
/** A change of names; `touches` are the folders and files whose sync makes it durable. */
type Renaming = { readonly apply: (names: Names) => void; readonly touches: readonly (string | File)[] }

/** How much of what was not synced a cut keeps: nothing, all, the first part of it, or of each sector one cannot know. */
const tastes = ['nothing', 'all', 'beginning', 'sectors', 'sectors'] as const

/**
 * A disk that keeps only what was synced. Follows a recording, and at any point answers what a power cut there could leave: what was
 * synced is whole; later writes are there or not, each sector for itself; changes of names happen in their order, as a journalling file
 * system has them, up to some point that is no earlier than the last one somebody synced.
 */
export class ForgetfulDisk {
  readonly #names: Names = new Map([['', folder]])
  /** The names as they surely are. */
  readonly #durable: Names = new Map([['', folder]])
  #renamings: Renaming[] = []
  readonly #open = new Map<number, File | string>()

  do(operation: Operation): void {
    switch (operation.kind) {
      case 'open': {
        const { fd, path, isFolder, truncates } = operation
        if (isFolder) return void this.#open.set(fd, path)
        let file = this.#names.get(path)
        if (!(file instanceof File)) {
          const made = (file = new File())
          this.#change({ apply: (names) => names.set(path, made), touches: [made, folderOf(path)] })
        }
        if (truncates) file.pending.push({ kind: 'truncate', size: 0 })
        return void this.#open.set(fd, file)
      }
      case 'write':
      case 'truncate':
        return void this.#fileAt(operation.fd).pending.push(operation)
      case 'sync': {
        const target = this.#open.get(operation.fd)
        if (target === undefined) throw new Error(`descriptor ${operation.fd} was synced, but not opened`)
        if (target instanceof File) {
          target.synced = applied(target.synced, target.pending)
          target.pending = []
        }
        const last = this.#renamings.findLastIndex(({ touches }) => touches.includes(target))
        for (const { apply } of this.#renamings.splice(0, last + 1)) apply(this.#durable)
        return
      }
      case 'mkdir':
        return this.#change({ apply: (names) => names.set(operation.path, folder), touches: [operation.path, folderOf(operation.path)] })
      case 'unlink':
      case 'rmdir':
        return this.#change({ apply: (names) => names.delete(operation.path), touches: [folderOf(operation.path)] })
      case 'rename':
      case 'link': {
        const { kind, from, to } = operation
        const file = this.#names.get(from)
        if (!(file instanceof File)) throw new Error(`${from} was given the name ${to}, but it is no file`)
        return this.#change({
          apply(names) {
            names.set(to, file)
            if (kind === 'rename') names.delete(from)
          },
          touches: [file, folderOf(from), folderOf(to)],
        })
      }
      default:
        operation satisfies never
    }
  }

  /** Writes into an empty folder what a cut right now could leave; `random` chooses among what is possible. */
  cutInto(target: string, random: () => number): void {
    const pick = (count: number) => Math.floor(random() * count)
    const names = new Map(this.#durable)
    for (const { apply } of this.#renamings.slice(0, pick(this.#renamings.length + 1))) apply(names)
    for (const [path, what] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (what === folder) mkdirSync(join(target, path), { recursive: true })
      else writeFileSync(join(target, path), contentAfterCut(what, { random, pick }))
    }
  }

  #change(renaming: Renaming): void {
    renaming.apply(this.#names)
    this.#renamings.push(renaming)
  }

  #fileAt(fd: number): File {
    const file = this.#open.get(fd)
    if (!(file instanceof File)) throw new Error(`descriptor ${fd} was written to, but no file was opened as it`)
    return file
  }
}

function contentAfterCut({ synced, pending }: File, { random, pick }: { random: () => number; pick: (count: number) => number }): Buffer {
  const taste = tastes[pick(tastes.length)] ?? 'all'
  if (taste === 'nothing') return synced
  if (taste === 'all') return applied(synced, pending)
  const sectorBytes = random() < 0.5 ? 512 : 4096
  if (taste === 'sectors') {
    const kept = pending.flatMap((change) => sectorsOf(change, sectorBytes)).filter(() => random() < 0.5)
    return applied(synced, kept)
  }
  const sectors = pending.flatMap((change) => sectorsOf(change, sectorBytes))
  return applied(synced, sectors.slice(0, pick(sectors.length + 1)))
}

/** A write in the sectors of the disk: each of them is written whole or not at all. */
function sectorsOf(change: Change, sectorBytes: number): readonly Change[] {
  if (change.kind === 'truncate') return [change]
  const parts: Change[] = []
  for (let at = 0; at < change.data.length;) {
    const length = Math.min(sectorBytes - ((change.offset + at) % sectorBytes), change.data.length - at)
    parts.push({ kind: 'write', offset: change.offset + at, data: change.data.subarray(at, at + length) })
    at += length
  }
  return parts
}

/** One copy, however many changes. */
function applied(content: Buffer, changes: readonly Change[]): Buffer {
  const most = changes.reduce(
    (most, change) => Math.max(most, change.kind === 'write' ? change.offset + change.data.length : change.size),
    0,
  )
  const next = Buffer.alloc(Math.max(most, content.length))
  content.copy(next)
  let size = content.length
  for (const change of changes) {
    if (change.kind === 'truncate') {
      next.fill(0, Math.min(size, change.size), size)
      size = change.size
    } else {
      change.data.copy(next, change.offset)
      size = Math.max(size, change.offset + change.data.length)
    }
  }
  return next.subarray(0, size)
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
