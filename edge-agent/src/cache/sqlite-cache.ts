import { accessSync, constants, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/log.ts'
import { messageOf } from '@bramble/shared/service.ts'
import type { Cache, CacheChange } from './cache.ts'
import { createCacheDisk, type CacheDisk, type StoredCache } from './cache-disk.ts'
import { CacheImage, reading, replacement } from './cache-image.ts'
import { openDatabase, openStored } from './open-database.ts'
import { createSeal } from './seal.ts'

export type SqliteCacheDeps = {
  readonly folder: string
  /** A folder off the card, for what must be copied to be read. */
  readonly scratch?: string
  readonly clock: Clock
  readonly log: Log
}

// A bookmark alone is not worth a write to the card; after a restart the watch resumes a little further back instead.
const bookmarkMs = 10 * 60_000
// A card that refuses writes takes its time for it: what changes meanwhile waits for the next try.
const retryMs = 10_000

/**
 * The cache on disk: `cache.db` in the agent's folder. Synchronous=FULL, because what we act on must survive a power cut, and what a
 * node wants changes rarely enough that an fsync a batch is cheap.
 *
 * What is written is written before anybody hears of it. What cannot be written is held in memory all the same and its scope is noted as
 * unsaved: such a scope reaches the disk as a whole or not at all, so that the disk never holds a later change without an earlier one.
 */
export function createSqliteCache({ folder, scratch = tmpdir(), clock, log }: SqliteCacheDeps): Cache {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'cache.db')
  const seal = createSeal(join(folder, 'cache.key'), log)
  const image = new CacheImage()
  const facts = new Map<string, string>()
  const savedAt = new Map<string, number>()
  const unsaved = { scopes: new Set<string>(), facts: new Set<string>() }
  let disk: CacheDisk | undefined
  let problem: string | undefined
  let triedAt = -Infinity

  const fail = (error: unknown): void => {
    const why = whyOf(error, folder)
    const text = `what this node is told cannot be kept on its disk: ${file}: ${why}`
    if (text !== problem) log.error({ file, error: why }, 'cache cannot be written, the node goes on with what it hears')
    problem = text
    triedAt = clock.monotonic()
  }
  /** Writes at once unless earlier writes failed; answers whether it is on the disk. */
  const write = (step: (disk: CacheDisk) => void): boolean => {
    if (disk === undefined || problem !== undefined) return false
    try {
      step(disk)
      return true
    } catch (error) {
      fail(error)
      return false
    }
  }
  const save = (): void => {
    if (problem === undefined) return
    try {
      disk ??= openAgain()
      for (const scope of unsaved.scopes) {
        const record = image.scope(scope)
        if (record === undefined) disk.remove(scope)
        else disk.rewrite({ record, objects: image.objectsOf(scope) })
        unsaved.scopes.delete(scope)
      }
      for (const key of unsaved.facts) {
        const text = facts.get(key)
        if (text === undefined) disk.deleteFact(key)
        else disk.setFact(key, text)
        unsaved.facts.delete(key)
      }
      problem = undefined
      log.info({ file }, 'cache is written again')
    } catch (error) {
      fail(error)
    }
  }
  /** A disk that could not be written at the start and now can: everything is news to it. */
  const openAgain = (): CacheDisk => {
    const opened = createCacheDisk(openDatabase(file), seal)
    const stored = opened.load()
    for (const scope of [...stored.scopes.map((record) => record.scope), ...image.scopes()]) unsaved.scopes.add(scope)
    for (const key of [...stored.facts.keys(), ...facts.keys()]) unsaved.facts.add(key)
    return opened
  }
  const saveIfDue = () => {
    if (clock.monotonic() - triedAt >= retryMs) save()
  }

  const apply = (change: CacheChange): void => {
    const { scope, puts, deletes } = change
    const isNews = puts.length > 0 || deletes.length > 0 || image.scope(scope) === undefined
    const isDue = isNews || clock.monotonic() - (savedAt.get(scope) ?? -Infinity) > bookmarkMs
    const isWritten = isDue && write((on) => on.apply(change))
    if (isWritten) savedAt.set(scope, clock.monotonic())
    image.apply(change)
    if (!isDue || isWritten) return
    unsaved.scopes.add(scope)
    saveIfDue()
  }
  const forget = (scope: string): void => {
    if (image.scope(scope) === undefined) return
    const isWritten = write((on) => on.remove(scope))
    savedAt.delete(scope)
    image.forget(scope)
    if (isWritten) return
    unsaved.scopes.add(scope)
    saveIfDue()
  }
  const load = (stored: StoredCache): void => {
    image.load(stored.scopes, stored.objects)
    for (const [key, text] of stored.facts) facts.set(key, text)
    for (const scope of stored.broken) {
      log.warn({ scope }, 'stored objects of a scope cannot be read, they are fetched anew')
      forget(scope)
    }
  }

  const opened = openStored({ file, scratch, log })
  if ('database' in opened) {
    disk = createCacheDisk(opened.database, seal)
    load(disk.load())
  } else {
    fail(opened.fault)
    try {
      if (opened.copy) load(createCacheDisk(opened.copy.database, seal).load())
    } finally {
      opened.copy?.close()
    }
  }

  return {
    ...reading(image),
    apply,
    forget,
    replace: (scope, resource, objects, resourceVersion) => apply(replacement(image, scope, resource, objects, resourceVersion)),
    facts: {
      get(key) {
        const text = facts.get(key)
        return text === undefined ? undefined : JSON.parse(text)
      },
      set(key, value) {
        const text = JSON.stringify(value)
        if (facts.get(key) === text) return
        facts.set(key, text)
        if (!write((on) => on.setFact(key, text))) unsaved.facts.add(key)
      },
      delete(key) {
        if (facts.delete(key) && !write((on) => on.deleteFact(key))) unsaved.facts.add(key)
      },
    },
    problem: () => problem,
    save,
    close: () => disk?.close(),
  }
}

/** SQLite calls a read-only card an I/O error as often as not; the operating system has the word for it. */
function whyOf(error: unknown, folder: string): string {
  try {
    accessSync(folder, constants.W_OK)
    return messageOf(error)
  } catch (cause) {
    return messageOf(cause)
  }
}
