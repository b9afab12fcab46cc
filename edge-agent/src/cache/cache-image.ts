import type { KubeObject, ObjectKey, Resource } from '@bramble/shared/api/client.ts'
import type { Cache, CacheChange } from './cache.ts'

/** One scope as it is stored. */
export type ScopeRecord = { readonly scope: string; readonly resource: string; readonly resourceVersion: string }
export type ObjectRecord = { readonly scope: string; readonly resource: string; readonly object: KubeObject }

/**
 * The cache in memory, where all reads come from. What makes it durable is the backend's: it writes first and then changes the image.
 * Scopes of one resource do not overlap: an object belongs to one of them.
 */
export class CacheImage {
  readonly #scopes = new Map<string, ScopeRecord>()
  readonly #objects = new Map<string, Map<string, ObjectRecord>>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #changed = new Set<string>()

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T | undefined {
    return this.#objects.get(nameOf(resource))?.get(keyText(key))?.object as T | undefined // stored under its own resource
  }

  scopeOf(resource: Resource, key: ObjectKey): string | undefined {
    return this.#objects.get(nameOf(resource))?.get(keyText(key))?.scope
  }

  list<T extends KubeObject>(resource: Resource<T>): readonly T[] {
    return [...(this.#objects.get(nameOf(resource))?.values() ?? [])].map(({ object }) => object as T) // stored under its own resource
  }

  listOf(resource: string): readonly KubeObject[] {
    return [...(this.#objects.get(resource)?.values() ?? [])].map(({ object }) => object)
  }

  scope(scope: string): ScopeRecord | undefined {
    return this.#scopes.get(scope)
  }

  scopes(): readonly string[] {
    return [...this.#scopes.keys()]
  }

  objectsOf(scope: string): readonly KubeObject[] {
    const resource = this.#scopes.get(scope)?.resource
    if (resource === undefined) return []
    return [...(this.#objects.get(resource)?.values() ?? [])].filter((record) => record.scope === scope).map(({ object }) => object)
  }

  /** The keys stored under a scope. */
  keysOf(scope: string): readonly string[] {
    const resource = this.#scopes.get(scope)?.resource
    if (resource === undefined) return []
    return [...(this.#objects.get(resource) ?? [])].filter(([, record]) => record.scope === scope).map(([key]) => key)
  }

  /** What was stored in an earlier life; nobody is told. */
  load(scopes: readonly ScopeRecord[], objects: readonly ObjectRecord[]): void {
    for (const scope of scopes) this.#scopes.set(scope.scope, scope)
    for (const record of objects) this.#of(record.resource).set(keyText(record.object.metadata), record)
  }

  apply({ scope, resource, puts, deletes, resourceVersion }: CacheChange): void {
    const name = nameOf(resource)
    const objects = this.#of(name)
    for (const object of puts) objects.set(keyText(object.metadata), { scope, resource: name, object })
    for (const key of deletes) objects.delete(keyText(key))
    const isFirst = !this.#scopes.has(scope)
    this.#scopes.set(scope, { scope, resource: name, resourceVersion })
    // That there is nothing is news as well, the first time.
    if (isFirst || puts.length > 0 || deletes.length > 0) this.#tell(name)
  }

  forget(scope: string): void {
    const record = this.#scopes.get(scope)
    if (record === undefined) return
    for (const key of this.keysOf(scope)) this.#of(record.resource).delete(key)
    this.#scopes.delete(scope)
    this.#tell(record.resource)
  }

  /** Calls the listeners of these resources although nothing of them changed: what kept others from being stored did. */
  tell(resources: readonly string[]): void {
    for (const resource of resources) this.#tell(resource)
  }

  subscribe(resource: Resource, listener: () => void): () => void {
    const name = nameOf(resource)
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  #of(resource: string): Map<string, ObjectRecord> {
    const found = this.#objects.get(resource) ?? new Map<string, ObjectRecord>()
    this.#objects.set(resource, found)
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

/** The change that makes a scope hold exactly these objects; what is the same already is left out. */
export function replacement(
  image: CacheImage,
  scope: string,
  resource: Resource,
  objects: readonly KubeObject[],
  resourceVersion: string,
): CacheChange {
  const wanted = new Set(objects.map(({ metadata }) => keyText(metadata)))
  return {
    scope,
    resource,
    puts: objects.filter((object) => !isSame(image.get(resource, object.metadata), object)),
    deletes: image
      .keysOf(scope)
      .filter((key) => !wanted.has(key))
      .map(keyOfText),
    resourceVersion,
  }
}

/** Group and plural, as in a path: resources of two groups may share a name. */
export const nameOf = ({ group, resource }: Resource): string => (group === '' ? resource : `${group}/${resource}`)
export const keyText = ({ namespace, name }: ObjectKey): string => (namespace === undefined ? name : `${namespace}/${name}`)

/** What tells two states of an object apart: another one of the same name has another uid. */
export const versionOf = (object: KubeObject | undefined): string | undefined =>
  object && `${object.metadata.uid ?? ''}@${object.metadata.resourceVersion ?? ''}`

const keyOfText = (text: string): ObjectKey => {
  const [first = '', second] = text.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

const isSame = (stored: KubeObject | undefined, next: KubeObject) =>
  stored !== undefined &&
  next.metadata.resourceVersion !== undefined &&
  stored.metadata.uid === next.metadata.uid &&
  stored.metadata.resourceVersion === next.metadata.resourceVersion

/** The reading half of a `Cache`, but for the objects themselves. */
export const reading = (image: CacheImage): Pick<Cache, 'resourceVersion' | 'hasSynced' | 'scopes' | 'subscribe'> => ({
  resourceVersion: (scope) => image.scope(scope)?.resourceVersion,
  hasSynced: (scope) => image.scope(scope) !== undefined,
  scopes: () => image.scopes(),
  subscribe: (resource, listener) => image.subscribe(resource, listener),
})
