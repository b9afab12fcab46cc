import type { ObjectMeta } from '../meta/object-meta.ts'

/** What every stored thing has. */
export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

/** The names of one API resource; `T` is the type of its objects. A `Kind` is a resource with its schema and rules. */
export type Resource<T extends KubeObject = KubeObject> = {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  /** Plural, lower case, as in the path: `pods`. */
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** Lists and watches carry objects with nothing but their metadata, if the way to the API can ask for that: see `metadataOf`. */
  readonly only?: 'metadata'
  /** Never set; carries `T` so that calls are typed. */
  readonly object?: T
}

/** The same objects without what is in them, for who needs to know only that they are there: what a ConfigMap holds is then not kept. */
export const metadataOf = ({ group, version, resource, kind, namespaced }: Resource): Resource => ({
  ...{ group, version, resource, kind, namespaced },
  only: 'metadata',
})

export type ObjectKey = { readonly name: string; readonly namespace?: string }
export type CallOptions = {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Nobody waits for its answer: on its way it may wait a moment for others. */
  readonly isLazy?: boolean
}
export type WriteOptions = CallOptions & {
  readonly subresource?: string
  readonly dryRun?: boolean
  readonly fieldManager?: string
}
export type ListQuery = {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}
export type WatchQuery = Omit<ListQuery, 'limit' | 'continue'> & {
  readonly allowWatchBookmarks?: boolean
  readonly timeoutSeconds?: number
}
export type List<T> = {
  readonly items: readonly T[]
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }
}
/** BOOKMARK carries an object with nothing but `metadata.resourceVersion`. An ERROR event is thrown as an `ApiError` (reason Expired: relist). */
export type WatchEvent<T> = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml'
export type Patch = { readonly type: PatchType; readonly body: unknown }
export type DeleteOptions = {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/**
 * The one way to the API. There are three of them: loopback (in the hub), HTTPS and MQTT; all with the same verbs,
 * the same checks and the same errors (`ApiError`). Objects handed out are shared: treat them as read-only.
 */
export type Client = {
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options?: CallOptions): Promise<T>
  list<T extends KubeObject>(resource: Resource<T>, query?: ListQuery, options?: CallOptions): Promise<List<T>>
  /** Ends when the server closes it (resume from the last resourceVersion) and throws `Expired` when that is too old (relist). */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    query: WatchQuery,
    options: CallOptions & { readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** A subresource of one object that is created, such as `binding` and `eviction`. */
  createSub(resource: Resource, key: ObjectKey, subresource: string, body: unknown, options?: WriteOptions): Promise<unknown>
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, options?: WriteOptions): Promise<T>
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions & CallOptions): Promise<void>
  /** All objects of one namespace, those that cannot be read among them. */
  deleteCollection(resource: Resource, namespace: string, options?: DeleteOptions & CallOptions): Promise<void>
  /** The bytes of a streaming subresource, such as `log`. */
  stream(
    resource: Resource,
    key: ObjectKey,
    subresource: string,
    query: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): AsyncIterable<Uint8Array>
}
