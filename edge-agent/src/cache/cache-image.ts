import { keyText } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import { nameOf } from '../resources.ts'
import type { SourceChange } from './source.ts'

/** One scope as it is stored. In the image and on the disk a scope begins with its source: `hub/pods`. */
export type ScopeRecord = { readonly scope: string; readonly resource: string; readonly resourceVersion: string }
/** `until`: its source's list lacked it, which says nothing below this version. */
export type ObjectRecord = { readonly scope: string; readonly resource: string; readonly object: KubeObject; readonly until?: string }
/** `unlisted`: what stays although a list lacked it, by key, until which version. `isComplete`: it makes the scope what a list says, whatever was known of it. */
export type Change = SourceChange & { readonly unlisted?: ReadonlyMap<string, string>; readonly isComplete?: boolean }

/**
 * The cache in memory, where all reads come from. What makes it durable is the backend's: it writes first and then changes the image.
 * Scopes of one resource and one source do not overlap: an object belongs to one of them.
 */
export class CacheImage {
  readonly #scopes = new Map<string, ScopeRecord>()
  /** By resource, source and key. */
  readonly #objects = new Map<string, Map<string, Map<string, ObjectRecord>>>()
  /** By scope and key, those of `#objects` with an `until`: there are none on all but a few days of a node's life. */
  readonly #unlisted = new Map<string, Map<string, string>>()
  /** Scopes of which something is lost: what is held goes on, and what is not held is not known to be unwanted, until they are listed. */
  readonly #partial = new Set<string>()
  /** Whose object stands before another's of the same key. */
  #sources: readonly string[] = []
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #changed = new Set<string>()

  /** The sources in the order of their precedence; those that are only known from an earlier life come last. */
  set sources(opened: readonly string[]) {
    this.#sources = [...new Set([...opened, ...this.#sources])]
  }

  get sources(): readonly string[] {
    return this.#sources
  }

  record(resource: Resource, key: ObjectKey, source?: string): ObjectRecord | undefined {
    const text = keyText(key)
    const bySource = this.#objects.get(nameOf(resource))
    if (source !== undefined) return bySource?.get(source)?.get(text)
    for (const each of this.#sources) {
      const found = bySource?.get(each)?.get(text)
      if (found !== undefined) return found
    }
    return undefined
  }

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, source?: string): T | undefined {
    return this.record(resource, key, source)?.object as T | undefined // stored under its own resource
  }

  list<T extends KubeObject>(resource: Resource<T>, source?: string): readonly T[] {
    const records = this.#recordsOf(nameOf(resource), source)
    const ordered = this.#unlisted.size === 0 ? records : [...records.filter((each) => !isUnlisted(each)), ...records.filter(isUnlisted)]
    return ordered.map(({ object }) => object as T) // stored under its own resource
  }

  listOf(resource: string): readonly KubeObject[] {
    return this.#recordsOf(resource).map(({ object }) => object)
  }

  unlisted<T extends KubeObject>(resource: Resource<T>): readonly T[] {
    if (this.#unlisted.size === 0) return []
    return this.#recordsOf(nameOf(resource))
      .filter(isUnlisted)
      .map(({ object }) => object as T) // stored under its own resource
  }

  /** Until when what is unlisted of a scope stays, by key. */
  unlistedIn(scope: string): ReadonlyMap<string, string> {
    return this.#unlisted.get(scope) ?? none
  }

  scope(scope: string): ScopeRecord | undefined {
    return this.#scopes.get(scope)
  }

  scopes(): readonly string[] {
    return [...this.#scopes.keys()]
  }

  recordsIn(scope: string): readonly ObjectRecord[] {
    const resource = this.#scopes.get(scope)?.resource
    return resource === undefined ? [] : this.#recordsOf(resource, sourceIn(scope)).filter((record) => record.scope === scope)
  }

  objectsOf(scope: string): readonly KubeObject[] {
    return this.recordsIn(scope).map(({ object }) => object)
  }

  isPartial(scope: string): boolean {
    return this.#partial.has(scope)
  }

  /** What was stored in an earlier life, of some scopes not all of it; nobody is told. */
  load(scopes: readonly ScopeRecord[], objects: readonly ObjectRecord[], partial: Iterable<string>): void {
    for (const scope of partial) this.#partial.add(scope)
    for (const scope of scopes) this.#scopes.set(scope.scope, scope)
    for (const record of objects) this.#put(record)
  }

  apply({ scope, resource, puts, deletes, resourceVersion, unlisted = none, isComplete = false }: Change): void {
    const name = nameOf(resource)
    const isWhole = isComplete && this.#partial.delete(scope)
    for (const object of puts) this.#put({ scope, resource: name, object })
    for (const key of deletes) this.#delete(scope, name, keyText(key))
    for (const [key, until] of unlisted) {
      const record = this.#of(name, sourceIn(scope)).get(key)
      if (record !== undefined) this.#put({ ...record, until })
    }
    const isFirst = !this.#scopes.has(scope)
    this.#scopes.set(scope, { scope, resource: name, resourceVersion })
    // That there is nothing is news as well, the first time.
    if (isFirst || isWhole || puts.length > 0 || deletes.length > 0 || unlisted.size > 0) this.#tell(name)
  }

  forget(scope: string): void {
    const record = this.#scopes.get(scope)
    if (record === undefined) return
    for (const { object } of this.recordsIn(scope)) this.#delete(scope, record.resource, keyText(object.metadata))
    this.#scopes.delete(scope)
    this.#partial.delete(scope)
    this.#tell(record.resource)
  }

  /** Calls the listeners of these resources although nothing of them changed: what kept others from being stored did. */
  tell(resources: Iterable<string>): void {
    for (const resource of resources) this.#tell(resource)
  }

  subscribe(resource: Resource, listener: () => void): () => void {
    const name = nameOf(resource)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  #put(record: ObjectRecord): void {
    const key = keyText(record.object.metadata)
    this.#of(record.resource, sourceIn(record.scope)).set(key, record)
    if (record.until === undefined) return this.#listed(record.scope, key)
    this.#unlisted.set(record.scope, new Map([...(this.#unlisted.get(record.scope) ?? none), [key, record.until]]))
  }

  #delete(scope: string, resource: string, key: string): void {
    this.#of(resource, sourceIn(scope)).delete(key)
    this.#listed(scope, key)
  }

  #listed(scope: string, key: string): void {
    const unlisted = this.#unlisted.get(scope)
    if (unlisted?.delete(key) && unlisted.size === 0) this.#unlisted.delete(scope)
  }

  #recordsOf(resource: string, source?: string): readonly ObjectRecord[] {
    const bySource = this.#objects.get(resource)
    return (source === undefined ? this.#sources : [source]).flatMap((each) => [...(bySource?.get(each)?.values() ?? [])])
  }

  #of(resource: string, source: string): Map<string, ObjectRecord> {
    const bySource = this.#objects.get(resource) ?? new Map<string, Map<string, ObjectRecord>>()
    this.#objects.set(resource, bySource)
    const found = bySource.get(source) ?? new Map<string, ObjectRecord>()
    bySource.set(source, found)
    if (!this.#sources.includes(source)) this.#sources = [...this.#sources, source]
    return found
  }

  #tell(resource: string): void {
    if (this.#changed.size === 0)
      queueMicrotask(() => {
        const changed = [...this.#changed]
        this.#changed.clear()
        for (const name of changed) for (const listener of this.#listeners.get(name) ?? []) listener()
      })
    this.#changed.add(resource)
  }
}

const none: ReadonlyMap<string, string> = new Map()
const isUnlisted = ({ until }: ObjectRecord): boolean => until !== undefined

export const scopeIn = (source: string, scope: string): string => `${source}/${scope}`
export const sourceIn = (scope: string): string => scope.slice(0, scope.indexOf('/'))
/** As its source calls it. */
export const ownName = (scope: string): string => scope.slice(scope.indexOf('/') + 1)

/** What tells two states of an object apart: another one of the same name has another uid. */
export const versionOf = (object: KubeObject | undefined): string | undefined =>
  object && `${object.metadata.uid ?? ''}@${object.metadata.resourceVersion ?? ''}`
