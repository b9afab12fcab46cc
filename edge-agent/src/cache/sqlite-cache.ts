import { accessSync, constants, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { nameOf } from '../resources.ts'
import type { Cache, NotKept } from './cache.ts'
import { createCacheDisk, type CacheDisk, type StoredCache } from './cache-disk.ts'
import { CacheImage, type Change, sourceIn, versionOf } from './cache-image.ts'
import { isNamed, isStub, namedResources, type NamedLimits, NamedValues, type Stub } from './named-values.ts'
import { openDatabase, openStored } from './open-database.ts'
import { isBefore } from './replacement.ts'
import { createSeal } from './seal.ts'
import { Sources } from './sources.ts'
import { Withheld } from './withheld.ts'

export type SqliteCacheDeps = {
  readonly folder: string
  /** A folder off the card, for what must be copied to be read. */
  readonly scratch?: string
  readonly clock: Clock
  readonly log: Log
  /** How much of what pods name is held. */
  readonly limits?: NamedLimits
}

// A bookmark alone is not worth a write to the card; after a restart the watch resumes a little further back instead.
const bookmarkMs = 10 * 60_000
// A card that refuses writes takes its time for it: what changes meanwhile waits for the next try.
const retryMs = 10_000

/**
 * The cache on disk: `cache.db` in the agent's folder, and `objects/` beside it with the values of what pods name. Synchronous=FULL, because
 * what we act on must survive a power cut, and what a node wants changes rarely enough that an fsync a batch is cheap.
 *
 * What is written is written before anybody hears of it. What cannot be written is held in memory all the same and its scope is noted as
 * unsaved: such a scope reaches the disk as a whole or not at all, so that the disk never holds a later change without an earlier one.
 */
export function createSqliteCache({ folder, scratch = tmpdir(), clock, log, limits }: SqliteCacheDeps): Cache {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'cache.db')
  const seal = createSeal(join(folder, 'cache.key'), log)
  const image = new CacheImage()
  const values = new NamedValues(join(folder, 'objects'), seal, limits)
  const withheld = new Withheld()
  const facts = new Map<string, string>()
  const savedAt = new Map<string, number>()
  const unsaved = { scopes: new Set<string>(), facts: new Set<string>() }
  let disk: CacheDisk | undefined
  let problem: string | undefined
  let triedAt = -Infinity

  const fail = (error: unknown): void => {
    const why = whyOf(error, folder)
    const text = `what this node is told cannot be kept on its disk: ${file}: ${why}: pods go on, but a restart knows nothing newer`
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
        else {
          for (const stub of image.objectsOf(scope).filter(isStub)) values.save(record.resource, stub)
          disk.rewrite({ record, objects: image.recordsIn(scope) })
        }
        unsaved.scopes.delete(scope)
      }
      for (const key of unsaved.facts) {
        const text = facts.get(key)
        if (text === undefined) disk.deleteFact(key)
        else disk.setFact(key, text)
        unsaved.facts.delete(key)
      }
      values.sweep(stubs())
      problem = undefined
      log.info({ file }, 'cache is written again')
      image.tell(namedResources)
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

  const stubs = (): readonly Stub[] => namedResources.flatMap((name) => image.listOf(name).filter(isStub))
  const stubsAt = ({ scope, resource }: Change, keys: readonly ObjectKey[]) =>
    keys.map((key) => image.get(resource, key, sourceIn(scope))).filter(isStub)
  /** Their files are named by no row any more, or else the next sweep is their end. */
  const drop = (gone: readonly Stub[], isWritten: boolean): void => {
    for (const stub of gone) {
      values.release(stub)
      if (isWritten) write(() => values.remove(stub))
    }
  }
  /** Stubs for the objects of a change, whose values are then on the disk or held. */
  const keep = (change: Change): Change => {
    const { scope, resource, puts } = change
    withheld.delete(scope)
    const texts = puts.map((object) => JSON.stringify(object))
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const replaced = stubsAt(
      change,
      puts.map(({ metadata }) => metadata),
    )
    const freed = replaced.reduce((sum, { kept }) => sum + kept.bytes, 0)
    const why = values.refusal(bytes, { freed, isWritable: problem === undefined })
    if (why !== undefined) throw refuse(scope, why, bytes)
    const held = puts.map((object, index) => values.hold(object, texts[index] ?? ''))
    for (const stub of held) write(() => values.save(nameOf(resource), stub))
    return { ...change, puts: held }
  }
  const refuse = (scope: string, why: string, bytes = 0): NotKept => {
    if (withheld.isEmpty()) log.warn({ scope, why }, 'not everything that pods name is kept')
    forget(scope)
    return withheld.add(scope, why, bytes)
  }

  const isDue = ({ scope, puts, deletes, resourceVersion, unlisted }: Change): boolean => {
    const known = image.scope(scope)
    // A watch that went on from the newer version of a history that was given up would miss what happens in the one that goes on.
    const isBack = isBefore(resourceVersion, known?.resourceVersion)
    const isNews =
      known === undefined || image.isPartial(scope) || puts.length > 0 || deletes.length > 0 || (unlisted?.size ?? 0) > 0 || isBack
    return isNews || clock.monotonic() - (savedAt.get(scope) ?? -Infinity) > bookmarkMs
  }
  const apply = (given: readonly Change[]): void => {
    const changes = given.map((change) => (isNamed(nameOf(change.resource)) ? keep(change) : change))
    const gone = changes.flatMap((change) => stubsAt(change, [...change.puts.map(({ metadata }) => metadata), ...change.deletes]))
    const due = changes.filter(isDue)
    const isWritten = due.length > 0 && write((on) => on.apply(due))
    for (const { scope } of isWritten ? due : []) savedAt.set(scope, clock.monotonic())
    for (const change of changes) image.apply(change)
    drop(gone, isWritten)
    if (due.length === 0 || isWritten) return
    for (const { scope } of due) unsaved.scopes.add(scope)
    saveIfDue()
  }
  const forget = (scope: string): void => {
    withheld.delete(scope)
    if (image.scope(scope) === undefined) return
    const gone = image.objectsOf(scope).filter(isStub)
    const isWritten = write((on) => on.remove(scope))
    savedAt.delete(scope)
    image.forget(scope)
    drop(gone, isWritten)
    if (isWritten) return
    unsaved.scopes.add(scope)
    saveIfDue()
  }
  const load = (stored: StoredCache): void => {
    image.load(stored.scopes, stored.objects, stored.broken.keys())
    for (const [key, text] of stored.facts) facts.set(key, text)
    const files = values.files()
    const lost = stored.objects.filter(({ object }) => isStub(object) && !values.adopt(object, files)).map(({ scope }) => scope)
    for (const scope of new Set([...stored.broken.keys(), ...lost])) {
      log.warn({ scope }, 'stored objects of a scope cannot be read, they are fetched anew')
      // Of a list the others are worth having meanwhile; a single object is lost, or not.
      if (isNamed(image.scope(scope)?.resource ?? '')) forget(scope)
    }
    write(() => values.sweep(stubs()))
  }
  /** The whole of what is held under a stub. One that cannot be read any more is fetched anew: its watch ends with its scope. */
  const whole = (resource: Resource, stub: Stub): KubeObject => {
    try {
      return values.read(nameOf(resource), stub)
    } catch (error) {
      const records = image.sources.map((source) => image.record(resource, stub.metadata, source))
      const scope = records.find((record) => record?.object === stub)?.scope ?? ''
      log.warn({ scope, error: messageOf(error) }, 'a stored value cannot be read, it is fetched anew')
      throw refuse(scope, `its file cannot be read (${messageOf(error)}), it is fetched anew`)
    }
  }
  const resolved = <T extends KubeObject>(resource: Resource<T>, object: T): T => (isStub(object) ? (whole(resource, object) as T) : object) // stored under its own resource

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

  const read = <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, source?: string): T | undefined => {
    withheld.check(resource, key, source === undefined ? image.sources : [source])
    const found = image.get(resource, key, source)
    return found && resolved(resource, found)
  }
  const sources = new Sources({
    ...{ image, apply, forget, read },
    withhold: (scope, why) => void refuse(scope, why),
    hasRoom: (scope) => values.refusal(withheld.bytesOf(scope), { isWritable: problem === undefined }) === undefined,
    whole: resolved,
  })

  return {
    source: (name, gives) => sources.open(name, gives),
    get: (resource, key) => read(resource, key),
    versionOf(resource, key) {
      withheld.check(resource, key, image.sources)
      return versionOf(image.get(resource, key))
    },
    list: (resource) => image.list(resource).map((object) => resolved(resource, object)),
    unlisted: (resource) => image.unlisted(resource).map((object) => resolved(resource, object)),
    hasSynced: (resource, key) => sources.hasSynced(resource, key),
    subscribe: (resource, listener) => image.subscribe(resource, listener),
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
    problem: () => [problem, withheld.problem()].filter((text) => text !== undefined).join('; ') || undefined,
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
