import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { LogDisk } from './disk.ts'
import type { LogRow } from '../log.ts'

/** A 32-byte key with a short name, which stands in front of what it sealed so that keys can be changed. */
export type SealKey = { readonly id: string; readonly key: Uint8Array }

export type SealedDiskDeps = {
  readonly disk: LogDisk
  readonly isSealed: (key: string) => boolean
  /** As they are now: the first seals, all of them open. */
  readonly keys: () => readonly [SealKey, ...SealKey[]]
  /** Hears of an object that a failing disk has changed: it stays as it is, as text that nobody can read. */
  readonly onDamaged?: (key: string, why: Error) => void
}

/** A row that is on the disk and was sealed. */
export type SealedRow = { readonly key: string; readonly revision: number }

export type SealedDisk = LogDisk & {
  /** Rows on the disk that another key than the first has sealed, superseded ones among them. */
  stale(): readonly SealedRow[]
  /** How many rows on the disk each key has sealed, by its name. */
  sealedBy(): ReadonlyMap<string, number>
}

const prefix = 'sealed:'
const ivBytes = 12
const tagBytes = 16

/**
 * A disk that never sees the values of some keys in plain text: AES-256-GCM, bound to the object's key and revision, so that
 * a sealed value cannot be moved to another object. Rows from before a kind was sealed are read as they are.
 * A key that opens nothing is the wrong one, and nothing is loaded; where it opens others, the one it does not open is damaged.
 */
export function sealedDisk({ disk, isSealed, keys, onDamaged }: SealedDiskDeps): SealedDisk {
  /** By revision. */
  const sealedRows = new Map<number, { readonly key: string; readonly by: string }>()
  const note = ({ key, revision, value }: LogRow) => {
    if (value?.startsWith(prefix) === true) sealedRows.set(revision, { key, by: keyIdOf(value) })
  }

  const seal = (row: LogRow): LogRow => {
    // A plain value that looks sealed is sealed as well: what the prefix says stays true.
    if (row.value === null || !(isSealed(row.key) || row.value.startsWith(prefix))) return row
    const [{ id, key }] = keys()
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(boundTo(row))
    const sealed = Buffer.concat([iv, cipher.update(row.value, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return { ...row, value: `${prefix}${id}:${sealed.toString('base64')}` }
  }

  const open = (row: LogRow): LogRow => {
    if (row.value === null || !row.value.startsWith(prefix)) return row
    const [id = '', sealed = ''] = row.value.slice(prefix.length).split(':')
    const all = keys()
    const key = all.find((one) => one.id === id)?.key
    if (key === undefined)
      throw new Error(
        `${row.key} is sealed with key "${id}" and the hub has ${all.map((one) => one.id).join(', ')}: put the old key file back`,
      )
    try {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
        .setAAD(boundTo(row))
        .setAuthTag(bytes.subarray(-tagBytes))
      const value = decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
      return { ...row, value }
    } catch (cause) {
      throw new Damaged(row, id, cause)
    }
  }

  async function* opened(chunks: AsyncIterable<readonly LogRow[]>): AsyncGenerator<readonly LogRow[]> {
    const good = new Set<string>()
    const damaged: Damaged[] = []
    const openOrKeep = (row: LogRow): LogRow => {
      try {
        const plain = open(row)
        if (plain !== row) good.add(keyIdOf(row.value))
        return plain
      } catch (error) {
        if (!(error instanceof Damaged)) throw error
        damaged.push(error)
        return row
      }
    }
    for await (const chunk of chunks) {
      for (const row of chunk) note(row)
      yield chunk.map(openOrKeep)
    }
    for (const error of damaged) {
      if (!good.has(keyIdOf(error.row.value))) throw error
      onDamaged?.(error.row.key, error)
    }
  }

  return {
    async load() {
      const { rows, ...rest } = await disk.load()
      return { ...rest, rows: opened(rows) }
    },
    async append(batch) {
      const rows = batch.rows.map(seal)
      await disk.append({ ...batch, rows })
      for (const revision of batch.drop) sealedRows.delete(revision)
      for (const row of rows) note(row)
    },
    stale() {
      const [{ id }] = keys()
      return [...sealedRows].flatMap(([revision, { key, by }]) => (by === id ? [] : [{ key, revision }]))
    },
    sealedBy() {
      const counts = new Map(keys().map(({ id }) => [id, 0]))
      for (const { by } of sealedRows.values()) counts.set(by, (counts.get(by) ?? 0) + 1)
      return counts
    },
    get bytesWritten() {
      return disk.bytesWritten
    },
    close: () => disk.close(),
  }
}

const boundTo = ({ key, revision }: LogRow): Buffer => Buffer.from(`${key}@${revision}`)

const keyIdOf = (value: string | null): string => value?.slice(prefix.length, value.indexOf(':', prefix.length)) ?? ''

class Damaged extends Error {
  readonly row: LogRow
  constructor(row: LogRow, id: string, cause: unknown) {
    super(`${row.key} cannot be opened with key "${id}": the key file or the store was changed`, { cause })
    this.row = row
  }
}
