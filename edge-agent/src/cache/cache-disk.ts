import { keyText } from '@bramble/shared/api/object-key.ts'
import type Database from 'better-sqlite3'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { nameOf } from '../resources.ts'
import type { Change, ObjectRecord, ScopeRecord } from './cache-image.ts'
import { isNamed, isSealed, isStub } from './named-values.ts'
import type { Seal } from './seal.ts'

/** A scope with everything that is in it. */
export type WholeScope = { readonly record: ScopeRecord; readonly objects: readonly ObjectRecord[] }

export type StoredCache = {
  readonly scopes: readonly ScopeRecord[]
  readonly objects: readonly ObjectRecord[]
  /** JSON texts by key; one that a failing card has changed is as one that was never set. */
  readonly facts: ReadonlyMap<string, string>
  /** Of scopes with something in them that is not what we wrote: the keys of that. */
  readonly broken: ReadonlyMap<string, readonly string[]>
}

/** The cache's tables. Each call is one transaction: it is on the card when the call returns, or it throws and nothing is. */
export type CacheDisk = {
  load(): StoredCache
  apply(changes: readonly Change[]): void
  /** Makes a scope hold exactly this, whatever it held. */
  rewrite(scope: WholeScope): void
  remove(scope: string): void
  setFact(key: string, text: string): void
  deleteFact(key: string): void
  close(): void
}

export function createCacheDisk(database: Database.Database, seal: Seal): CacheDisk {
  const putObject = database.prepare('INSERT OR REPLACE INTO object (scope, key, resource, value, until) VALUES (?, ?, ?, ?, ?)')
  const deleteObject = database.prepare('DELETE FROM object WHERE scope = ? AND key = ?')
  const markObject = database.prepare('UPDATE object SET until = ? WHERE scope = ? AND key = ?')
  const deleteObjects = database.prepare('DELETE FROM object WHERE scope = ?')
  const putScope = database.prepare('INSERT OR REPLACE INTO scope (scope, resource, version) VALUES (?, ?, ?)')
  const deleteScope = database.prepare('DELETE FROM scope WHERE scope = ?')
  const putFact = database.prepare('INSERT OR REPLACE INTO fact (key, value) VALUES (?, ?)')
  const deleteFact = database.prepare('DELETE FROM fact WHERE key = ?')

  const put = ({ scope, resource, object, until }: ObjectRecord) => {
    const key = keyText(object.metadata)
    const text = JSON.stringify(object)
    putObject.run(scope, key, resource, isSealed(resource) ? seal.seal(text, `${resource}/${key}`) : text, until ?? null)
  }
  let broken: StoredCache['broken'] = new Map()
  const apply = ({ scope, resource, puts, deletes, resourceVersion, unlisted = new Map<string, string>(), isComplete }: Change) => {
    const name = nameOf(resource)
    // Known from the disk alone, so that no list can name it.
    if (isComplete) for (const key of broken.get(scope) ?? []) deleteObject.run(scope, key)
    for (const object of puts) put({ scope, resource: name, object })
    for (const key of deletes) deleteObject.run(scope, keyText(key))
    for (const [key, until] of unlisted) markObject.run(until, scope, key)
    putScope.run(scope, name, resourceVersion)
  }
  return {
    load() {
      const stored = readAll(database, seal)
      broken = stored.broken
      return stored
    },
    apply: database.transaction((changes: readonly Change[]) => changes.forEach(apply)),
    rewrite: database.transaction(({ record: { scope, resource, resourceVersion }, objects }: WholeScope) => {
      deleteObjects.run(scope)
      for (const object of objects) put(object)
      putScope.run(scope, resource, resourceVersion)
    }),
    remove: database.transaction((scope: string) => {
      deleteObjects.run(scope)
      deleteScope.run(scope)
    }),
    setFact: (key, text) => void putFact.run(key, text),
    deleteFact: (key) => void deleteFact.run(key),
    close: () => void database.close(),
  }
}

function readAll(database: Database.Database, seal: Seal): StoredCache {
  const scopes = database.prepare('SELECT scope, resource, version AS resourceVersion FROM scope').all() as ScopeRecord[] // our own columns
  const facts = database.prepare('SELECT key, value FROM fact').all() as { key: string; value: string }[] // our own columns
  const rows = database.prepare('SELECT scope, key, resource, value, until FROM object').all() as {
    scope: string
    key: string
    resource: string
    value: string | Buffer
    until: string | null
  }[] // our own columns
  const broken = new Map<string, string[]>()
  const objects = rows.flatMap(({ scope, key, resource, value, until }): ObjectRecord[] => {
    try {
      const text = typeof value === 'string' ? value : seal.open(value, `${resource}/${key}`)
      const object = JSON.parse(text) as KubeObject // we stored what the apiserver had checked
      if (isNamed(resource) && !isStub(object)) throw new Error('the value is in the table, where an earlier version kept it')
      return [{ scope, resource, object, ...(until !== null && { until }) }]
    } catch {
      broken.set(scope, [...(broken.get(scope) ?? []), key])
      return []
    }
  })
  return { scopes, objects, broken, facts: new Map(facts.flatMap(({ key, value }) => (isJson(value) ? [[key, value]] : []))) }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
