import Database from 'better-sqlite3'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { KubeObject } from '@bramble/shared/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { ConfigError } from '@bramble/shared/config.ts'
import type { Log } from '@bramble/shared/log.ts'
import { messageOf } from '@bramble/shared/service.ts'
import type { Cache, CacheChange } from './cache.ts'
import { CacheImage, keyText, nameOf, reading, replacement, type ObjectRecord, type ScopeRecord } from './cache-image.ts'
import { createSeal, type Seal } from './seal.ts'

export type SqliteCacheDeps = { readonly folder: string; readonly clock: Clock; readonly log: Log }

const schemaVersion = 1
const sealed = new Set(['secrets'])
// A bookmark alone is not worth a write to the card; after a restart the watch resumes a little further back instead.
const bookmarkMs = 10 * 60_000

/**
 * The cache on disk: `cache.db` in the agent's folder. Synchronous=FULL, because what we act on must survive a power cut, and what a
 * node wants changes rarely enough that an fsync a batch is cheap. A file that cannot be read is put aside and filled from the hub again.
 */
export function createSqliteCache({ folder, clock, log }: SqliteCacheDeps): Cache {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'cache.db')
  const seal = createSeal(join(folder, 'cache.key'))
  const database = openOrQuarantine(file, log)
  const image = new CacheImage()
  const savedAt = new Map<string, number>()

  const putObject = database.prepare('INSERT OR REPLACE INTO object (resource, key, scope, value) VALUES (?, ?, ?, ?)')
  const deleteObject = database.prepare('DELETE FROM object WHERE resource = ? AND key = ?')
  const deleteObjects = database.prepare('DELETE FROM object WHERE scope = ?')
  const putScope = database.prepare('INSERT OR REPLACE INTO scope (scope, resource, version) VALUES (?, ?, ?)')
  const deleteScope = database.prepare('DELETE FROM scope WHERE scope = ?')
  const getFact = database.prepare('SELECT value FROM fact WHERE key = ?').pluck()
  const putFact = database.prepare('INSERT OR REPLACE INTO fact (key, value) VALUES (?, ?)')
  const deleteFact = database.prepare('DELETE FROM fact WHERE key = ?')

  const persist = database.transaction(({ scope, resource, puts, deletes, resourceVersion }: CacheChange) => {
    const name = nameOf(resource)
    for (const object of puts) {
      const key = keyText(object.metadata)
      const text = JSON.stringify(object)
      putObject.run(name, key, scope, sealed.has(name) ? seal.seal(text, `${name}/${key}`) : text)
    }
    for (const key of deletes) deleteObject.run(name, keyText(key))
    putScope.run(scope, name, resourceVersion)
  })
  const remove = database.transaction((scope: string) => {
    deleteObjects.run(scope)
    deleteScope.run(scope)
  })

  const apply = (change: CacheChange): void => {
    const { scope, puts, deletes } = change
    const isNews = puts.length > 0 || deletes.length > 0 || image.scope(scope) === undefined
    if (isNews || clock.monotonic() - (savedAt.get(scope) ?? -Infinity) > bookmarkMs) {
      persist(change)
      savedAt.set(scope, clock.monotonic())
    }
    image.apply(change)
  }
  const forget = (scope: string): void => {
    if (image.scope(scope) === undefined) return
    remove(scope)
    savedAt.delete(scope)
    image.forget(scope)
  }

  const { scopes, objects, broken } = readAll(database, seal)
  image.load(scopes, objects)
  for (const scope of broken) {
    log.warn({ scope }, 'stored objects of a scope cannot be read, they are fetched anew')
    forget(scope)
  }

  return {
    ...reading(image),
    apply,
    forget,
    replace: (scope, resource, objects, resourceVersion) => apply(replacement(image, scope, resource, objects, resourceVersion)),
    facts: {
      get(key) {
        const text = getFact.get(key)
        return text === undefined ? undefined : JSON.parse(String(text))
      },
      set(key, value) {
        const text = JSON.stringify(value)
        if (getFact.get(key) !== text) putFact.run(key, text)
      },
      delete: (key) => void deleteFact.run(key),
    },
    close: () => void database.close(),
  }
}

/** Another agent lives in the folder; any other failure to open the cache is the disk's. */
export class FolderInUse extends ConfigError {}

function openOrQuarantine(file: string, log: Log): Database.Database {
  try {
    return open(file)
  } catch (error) {
    if (codeOf(error) === 'SQLITE_BUSY' || codeOf(error) === 'SQLITE_LOCKED')
      throw new FolderInUse(`${file} is in use by another agent: stop that one, or give this one another --dir`, { cause: error })
    if (codeOf(error) === 'SQLITE_CANTOPEN' || codeOf(error) === 'SQLITE_FULL' || codeOf(error) === 'SQLITE_READONLY')
      throw new ConfigError(`${file} cannot be written: ${messageOf(error)}`, { cause: error })
    log.warn({ file, error: messageOf(error) }, 'cache is damaged, it is put aside and fetched anew')
    // One damaged file is kept to be looked at; a card that damages files must not fill up with them.
    renameSync(file, `${file}.damaged`)
    for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true })
    return open(file)
  }
}

function open(file: string): Database.Database {
  const database = new Database(file, { timeout: 1000 })
  try {
    // One process owns the file: no shared memory file, and a second agent hears at once that it is one too many.
    database.pragma('locking_mode = EXCLUSIVE')
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('cache_size = -512')
    database.pragma('journal_size_limit = 1048576')
    const version = database.pragma('user_version', { simple: true })
    if (version !== 0 && version !== schemaVersion) throw new Error(`its schema is ${String(version)}, this agent's is ${schemaVersion}`)
    const verdict = database.pragma('quick_check', { simple: true })
    if (verdict !== 'ok') throw new Error(String(verdict))
    database.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS object (resource TEXT, key TEXT, scope TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS scope (scope TEXT PRIMARY KEY, resource TEXT NOT NULL, version TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      PRAGMA user_version = ${schemaVersion};
      COMMIT;
    `)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Everything stored; `broken` are scopes with something in them that is not what we wrote. */
function readAll(database: Database.Database, seal: Seal) {
  const scopes = database.prepare('SELECT scope, resource, version AS resourceVersion FROM scope').all() as ScopeRecord[] // our own columns
  const rows = database.prepare('SELECT resource, key, scope, value FROM object').all() as {
    resource: string
    key: string
    scope: string
    value: string | Buffer
  }[] // our own columns
  const broken = new Set<string>()
  const objects = rows.flatMap(({ resource, key, scope, value }): ObjectRecord[] => {
    try {
      const text = typeof value === 'string' ? value : seal.open(value, `${resource}/${key}`)
      return [{ resource, scope, object: JSON.parse(text) as KubeObject }] // we stored what the apiserver had checked
    } catch {
      broken.add(scope)
      return []
    }
  })
  return { scopes, objects, broken }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code
