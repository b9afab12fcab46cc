import { mustListAgain } from '@bramble/shared/api/api-error.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Client, KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf } from '@bramble/shared/process/service.ts'
import { createIndexedStore } from './lister.ts'
import type { Lister } from './lister.ts'

/** Called synchronously, in the order of the changes, with shared read-only objects. What it throws costs that object alone. */
export type InformerHandlers<T> = {
  readonly onAdd?: (object: T) => void
  readonly onUpdate?: (object: T, previous: T) => void
  readonly onDelete?: (object: T) => void
}

/** A live copy of every object of one resource, kept by one list and then watches. Never polls. */
export type Informer<T extends KubeObject = KubeObject> = {
  readonly resource: Resource<T>
  readonly lister: Lister<T>
  /** True from the first complete list on. */
  readonly hasSynced: () => boolean
  /** Resolves with the first complete list. */
  readonly synced: Promise<void>
  /** Handlers that come late first hear `onAdd` for everything that is there. Answers how to take them away. */
  readonly addHandlers: (handlers: InformerHandlers<T>) => () => void
  readonly run: (signal: AbortSignal) => Promise<void>
}

export type InformerDeps = {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
}

/** A watch that lived this long was a healthy one: the next failure starts its backoff anew. */
const healthyWatchMs = 5_000

export function createInformer<T extends KubeObject>(resource: Resource<T>, { client, clock, log, random }: InformerDeps): Informer<T> {
  const store = createIndexedStore<T>()
  const handlers = new Set<InformerHandlers<T>>()
  let hasSynced = false
  let onSynced = () => {}
  const synced = new Promise<void>((resolve) => (onSynced = resolve))

  /** An object that somebody stumbles over must not keep the others from being heard of, nor this copy from ever being complete. */
  const tell = (object: T, handler: () => void) => {
    try {
      handler()
    } catch (error) {
      const { namespace, name } = object.metadata
      log.error({ resource: resource.resource, namespace, name, error }, 'an object is not understood and left out')
    }
  }
  const put = (object: T) => {
    const previous = store.get(object.metadata.namespace, object.metadata.name)
    if (previous !== undefined && previous.metadata.resourceVersion === object.metadata.resourceVersion) return
    // The same name with another uid is another object: whoever keeps state by object must see the first one go.
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) {
      remove(previous)
      return put(object)
    }
    store.put(object)
    for (const { onAdd, onUpdate } of handlers)
      tell(object, () => (previous === undefined ? onAdd?.(object) : onUpdate?.(object, previous)))
  }
  const remove = (object: T) => {
    if (!store.remove(object)) return
    for (const { onDelete } of handlers) tell(object, () => onDelete?.(object))
  }

  async function relist(signal: AbortSignal): Promise<string> {
    const { items, metadata } = await client.list(resource, {}, { signal })
    const seen = new Set(items.map(keyTextOf))
    for (const old of store.list()) if (!seen.has(keyTextOf(old))) remove(old)
    for (const item of items) {
      put(item)
      if (isTurnOver()) await nextTurn()
    }
    hasSynced = true
    onSynced()
    return metadata.resourceVersion
  }

  async function follow(from: string, signal: AbortSignal, onProgress: (resourceVersion: string) => void): Promise<void> {
    const events = client.watch(resource, { resourceVersion: from, allowWatchBookmarks: true }, { signal })
    for await (const { type, object } of events) {
      if (type === 'DELETED') remove(object)
      else if (type !== 'BOOKMARK') put(object)
      if (isTurnOver()) await nextTurn()
      if (object.metadata.resourceVersion !== undefined) onProgress(object.metadata.resourceVersion)
    }
  }

  return {
    resource,
    lister: store,
    hasSynced: () => hasSynced,
    synced,
    addHandlers(added) {
      handlers.add(added)
      for (const object of store.list()) tell(object, () => added.onAdd?.(object))
      return () => handlers.delete(added)
    },
    async run(signal) {
      const backoff = createBackoff({ firstMs: 100, maxMs: 30_000, ...(random === undefined ? {} : { random }) })
      let from: string | undefined
      let complained = false
      while (!signal.aborted) {
        const startedAt = clock.monotonic()
        try {
          from ??= await relist(signal)
          complained = false
          await follow(from, signal, (resourceVersion) => (from = resourceVersion))
        } catch (error) {
          if (isAbort(error, signal)) return
          if (mustListAgain(error)) from = undefined
          else if (!complained) {
            complained = true
            log.warn({ resource: resource.resource, error: messageOf(error) }, 'watch failed, will retry')
          }
        }
        if (signal.aborted) return
        if (clock.monotonic() - startedAt >= healthyWatchMs) backoff.reset()
        await sleep(backoff.next(), signal).catch(() => {})
      }
    },
  }
}
