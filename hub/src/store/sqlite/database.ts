import { chmodSync, mkdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { LogMark, LogRow } from '../log.ts'
import type { ColumnBatch } from './columns.ts'

export type DatabaseOptions = {
  readonly path: string
  /** The file grows no further than this; the store then answers as with a full disk. */
  readonly maxBytes?: number
}

/** The file behind the log, synchronous: it blocks the thread it is used in for each sync of the disk. */
export type RevisionDatabase = {
  readonly ceiling: number
  readonly marks: readonly LogMark[]
  /** Rows after a revision, in order, up to about a megabyte of them; none at the end. */
  rowsAfter(revision: number): readonly LogRow[]
  append(batch: ColumnBatch): void
  /** Moves what the write-ahead log has gathered into the file, when that is worth it. Call it when nothing else is to do. */
  checkpoint(): void
  readonly bytesWritten: number
  close(): void
}

const applicationId = 0x6272616d // "bram"
const schemaVersion = 1
/**
 * One table with one index, its own order: `dependencies` of the design measured twice the writes of a schema with five. `ceiling` and
 * `memory` are of the first version and are not written any more.
 */
const schema = `
  CREATE TABLE changes (revision INTEGER PRIMARY KEY, created INTEGER NOT NULL, key TEXT NOT NULL, value TEXT) STRICT;
  CREATE TABLE marks (prefix TEXT PRIMARY KEY, floor INTEGER NOT NULL, memory INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ceiling (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
  INSERT INTO ceiling VALUES (1, 0);
`
const pageBytes = 4096
/** A checkpoint writes each changed page once, however often it changed: waiting for 2 MiB of them spares the card. */
const checkpointAfterBytes = 2 * 1024 * 1024
/** SQLite's own bound of the write-ahead log, for a hub that never comes to rest: 16 MiB. */
const maxWalPages = 4096
const chunkBytes = 1024 * 1024
const chunkRows = 1000

export function openDatabase({ path, maxBytes }: DatabaseOptions): RevisionDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = explaining(path, () => open(path))
  const insert = db.prepare<[number, number, string, string | null]>(
    'INSERT INTO changes (revision, created, key, value) VALUES (?, ?, ?, ?)',
  )
  const remove = db.prepare<[number]>('DELETE FROM changes WHERE revision = ?')
  const mark = db.prepare<[string, number]>('INSERT OR REPLACE INTO marks (prefix, floor, memory) VALUES (?, ?, 0)')
  const select = db.prepare<[number], LogRow>(
    'SELECT revision, created AS createRevision, key, value FROM changes WHERE revision > ? ORDER BY revision',
  )
  if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.floor(maxBytes / pageBytes)}`)

  const appendAll = db.transaction(({ revisions, created, keys, values, marks, drop }: ColumnBatch) => {
    // First, so that what they free takes what comes.
    for (const revision of drop) remove.run(revision)
    for (let i = 0; i < revisions.length; i++)
      insert.run(revisions[i] as number, created[i] as number, keys[i] as string, values[i] ?? null)
    for (const { prefix, floor } of marks) mark.run(prefix, floor)
  })

  let sinceCheckpoint = 0
  return {
    ceiling: (db.prepare('SELECT revision FROM ceiling').get() as { revision: number }).revision,
    marks: db.prepare('SELECT prefix, floor FROM marks').all() as LogMark[],
    rowsAfter(revision) {
      const rows: LogRow[] = []
      let bytes = 0
      for (const row of select.iterate(revision)) {
        rows.push(row)
        bytes += row.key.length + (row.value?.length ?? 0)
        if (bytes >= chunkBytes || rows.length >= chunkRows) break
      }
      return rows
    },
    append(batch) {
      explaining(path, () => appendAll.immediate(batch))
      sinceCheckpoint += 3 * pageBytes + batch.values.reduce((sum, value) => sum + (value?.length ?? 0) + 64, 0)
    },
    checkpoint() {
      if (sinceCheckpoint < checkpointAfterBytes) return
      sinceCheckpoint = 0
      try {
        db.pragma('wal_checkpoint(PASSIVE)')
      } catch {
        // A full disk, mostly. Nothing is lost, it all stands in the write-ahead log; whoever writes next is told.
      }
    },
    get bytesWritten() {
      return bytesWrittenByThread()
    },
    close() {
      db.close()
    },
  }
}

function open(path: string): Database.Database {
  const db = new Database(path, { timeout: 0 })
  try {
    // Not through a descriptor: closing one would give up SQLite's locks. Files beside it get the same mode.
    chmodSync(path, 0o600)
    // Before the first read: the lock is held until the process ends, however it ends, and no shared-memory file is needed.
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    // The package is built with NORMAL, which loses acknowledged writes in a power cut.
    db.pragma('synchronous = FULL')
    db.pragma(`wal_autocheckpoint = ${maxWalPages}`)
    // Everything is read from our own memory; SQLite needs pages to write only.
    db.pragma('cache_size = -2048')
    db.pragma('temp_store = MEMORY')
    const damage = db.pragma('quick_check(1)', { simple: true })
    if (damage !== 'ok') throw new Damaged(String(damage))
    migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function migrate(db: Database.Database, path: string): void {
  const version = db.pragma('user_version', { simple: true })
  if (version === schemaVersion && db.pragma('application_id', { simple: true }) === applicationId) return
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }
  if (version !== 0 || tables.count > 0)
    throw new StoreError(
      `${path} is not a store this Bramble can read (schema ${String(version)}, expected ${schemaVersion}): use the version that made it`,
    )
  db.transaction(() => {
    db.exec(schema)
    db.pragma(`user_version = ${schemaVersion}`)
    db.pragma(`application_id = ${applicationId}`)
  }).immediate()
}

/** The sentence for whoever runs the hub; the driver's own is its cause. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
  }
}

/** What `quick_check` found, in one line. */
class Damaged extends Error {
  constructor(found: string) {
    super(
      found
        .replaceAll(/\*\*\* in database main \*\*\*/g, '')
        .trim()
        .replaceAll(/\s+/g, ' '),
    )
  }
}

/** SQLite's name of what went wrong. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof StoreError && error.cause instanceof Database.SqliteError ? error.cause.code : undefined

function explaining<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError(explain(path, error), { cause: error })
  }
}

function explain(path: string, error: unknown): string {
  const code = error instanceof Database.SqliteError ? error.code : ''
  const message = messageOf(error)
  if (code === 'SQLITE_FULL')
    return `cannot write ${path}: the disk is full (${freeSpace(path)} free); make room, until then changes are refused`
  if (code.startsWith('SQLITE_BUSY'))
    return `${path} is in use by another Bramble${holderOf(path)}: stop that one, or give this one another --home`
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') || error instanceof Damaged)
    return `${path} is damaged (${message}): put a backup in its place, or move it away to start an empty cluster`
  if (code === 'SQLITE_READONLY' || code.startsWith('SQLITE_CANTOPEN'))
    return `cannot open ${path} for writing (${message}): check the folder's owner and that the file system is not read-only`
  if (code.startsWith('SQLITE_IOERR'))
    return `the disk failed on ${path} (${code}, ${freeSpace(path)} free): check the card and the kernel's log`
  return `${path}: ${message}`
}

function freeSpace(path: string): string {
  const { bavail, bsize } = statfsSync(dirname(path))
  return `${Math.floor((bavail * bsize) / 1024)} KiB`
}

/** ` (pid 123)` where the kernel tells. Never opens the file: closing it again would give up this process' own lock. */
function holderOf(path: string): string {
  try {
    const { ino } = statSync(path)
    const line = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .find((lock) => lock.split(/\s+/)[5]?.endsWith(`:${ino}`))
    const pid = line?.split(/\s+/)[4]
    return pid === undefined ? '' : ` (pid ${pid})`
  } catch {
    return '' // no /proc: the sentence does without
  }
}

function bytesWrittenByThread(): number {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // not Linux, or hidden: the figure is for information only
  }
}
