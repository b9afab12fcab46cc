import Database from 'better-sqlite3'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '@bramble/shared/process/config.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

const schemaVersion = 2

/** Another agent lives in the folder; any other failure to open the cache is the disk's. */
export class FolderInUse extends ConfigError {}

export type OpenDeps = {
  readonly file: string
  /** A folder off the card, where a copy can be read of a file that cannot be opened in its place. */
  readonly scratch: string
  readonly log: Log
}

/** `fault` says why nothing can be written; `close` what was opened for reading alone. */
export type Opened = { readonly database: Database.Database } | { readonly fault: unknown; readonly copy: ReadOnlyCopy | undefined }
export type ReadOnlyCopy = { readonly database: Database.Database; close(): void }

/**
 * The cache's file. One that is damaged is put aside and begun anew; one that cannot be written (a full or a read-only card) is read
 * from a copy, because a node that knows its pods is worth more than one that can write them down.
 */
export function openStored({ file, scratch, log }: OpenDeps): Opened {
  try {
    return { database: openDatabase(file) }
  } catch (error) {
    if (error instanceof FolderInUse) throw error
    if (!isOfTheDisk(error)) return putAside({ file, log, error })
    try {
      return { fault: error, copy: openCopy(file, scratch) }
    } catch (cause) {
      // What the card cannot read any more is damaged, whatever else is wrong.
      if ((cause as NodeJS.ErrnoException).code === 'EIO') return putAside({ file, log, error: cause })
      log.warn({ file, error: messageOf(cause) }, 'cache cannot be read either, the node begins with nothing')
      return { fault: error, copy: undefined }
    }
  }
}

/** Opens the file for writing; nothing is written to one that is already as it should be. Throws `FolderInUse` when it is somebody's. */
export function openDatabase(file: string): Database.Database {
  let database: Database.Database | undefined
  try {
    database = new Database(file, { timeout: 1000 })
    // One process owns the file: no shared memory file, and a second agent hears at once that it is one too many.
    database.pragma('locking_mode = EXCLUSIVE')
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('cache_size = -512')
    database.pragma('journal_size_limit = 1048576')
    if (!isInOrder(database)) {
      database.exec(`
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS object (scope TEXT, key TEXT, resource TEXT NOT NULL, value BLOB NOT NULL, until TEXT, PRIMARY KEY (scope, key)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS scope (scope TEXT PRIMARY KEY, resource TEXT NOT NULL, version TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        PRAGMA user_version = ${schemaVersion};
        COMMIT;
      `)
    } else {
      // A lock is taken with the first write, and ours must be known before: rolled back, it writes nothing.
      database.exec('BEGIN IMMEDIATE; ROLLBACK;')
    }
    return database
  } catch (error) {
    database?.close()
    if (/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error)))
      throw new FolderInUse(`${file} is in use by another agent: stop that one, or give this one another --dir`, { cause: error })
    throw error
  }
}

/** Whether the tables are there; throws for a damaged file, and for one of another version. */
function isInOrder(database: Database.Database): boolean {
  const version = database.pragma('user_version', { simple: true })
  if (version !== 0 && version !== schemaVersion) throw new Error(`its schema is ${String(version)}, this agent's is ${schemaVersion}`)
  const verdict = database.pragma('quick_check', { simple: true })
  if (verdict !== 'ok') throw new Error(String(verdict))
  return version === schemaVersion
}

function putAside({ file, log, error }: { file: string; log: Log; error: unknown }): Opened {
  log.warn({ file, error: messageOf(error) }, 'cache is damaged, it is put aside and fetched anew')
  try {
    // One damaged file is kept to be looked at; a card that damages files must not fill up with them.
    renameSync(file, `${file}.damaged`)
    for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true })
    return { database: openDatabase(file) }
  } catch (fault) {
    if (fault instanceof FolderInUse) throw fault
    return { fault, copy: undefined }
  }
}

function openCopy(file: string, scratch: string): ReadOnlyCopy | undefined {
  if (!existsSync(file)) return undefined
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  const folder = mkdtempSync(join(scratch, 'cache-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, 'cache.db')
    for (const rest of ['', '-wal']) if (existsSync(`${file}${rest}`)) copyFileSync(`${file}${rest}`, `${copy}${rest}`)
    const database = new Database(copy)
    const close = () => {
      database.close()
      remove()
    }
    try {
      if (!isInOrder(database)) throw new Error('the cache has no tables yet')
      return { database, close }
    } catch (error) {
      close()
      throw error
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** The disk's doing rather than the file's. */
const isOfTheDisk = (error: unknown): boolean => /^SQLITE_(CANTOPEN|FULL|READONLY|IOERR|PERM)/.test(codeOf(error))

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code)
