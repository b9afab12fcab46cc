import { mustListAgain } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { type LinkedSignal, linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Client, KubeObject, ListQuery, Resource, WatchEvent } from '@bramble/shared/api/client.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { type Cache, NotKept } from '../cache/cache.ts'
import { configMaps, endpointSlices, nodes, pods, secrets, services } from '../resources.ts'
import { referencesOf, scopeOf, type Reference } from '../references.ts'
import { bytesOf, Holdings, keyOf, maxHeldBytes } from './holdings.ts'
import { inBatches } from './in-batches.ts'
import { neededOf, outlineOf, type PodOutline, withEndOf, withSpecOf } from './needed.ts'

export type SyncDeps = {
  readonly client: Client
  /** Resolves when there is a connection (`Link.connected`): while there is none, nothing is tried. */
  readonly connected: (signal: AbortSignal) => Promise<void>
  readonly cache: Cache
  readonly node: string
  /** A pod that this node does not take, because those it has leave no room for it: told each time that it is heard of. */
  readonly onRefused?: (pod: PodOutline, why: string) => void
  /** What the lists may take of the memory, by scope. */
  readonly limits?: Readonly<Record<string, number>>
  readonly log: Log
  readonly random?: () => number
}

export type Sync = Service & {
  /** What of the lists is not followed, one sentence each. */
  problems(): readonly string[]
}

type Scope = { readonly name: string; readonly resource: Resource; readonly query: ListQuery }

const pageSize = 100
const maxBatch = 256
const maxBatchBytes = 1024 * 1024
// The hub lets a node have a thousand watches; a hundred pods name some hundreds of objects.
const maxReferences = 1000

/**
 * Keeps the cache what the hub says: lists once, then watches from the version the cache has, also over restarts, and lists again
 * only when the hub's history is gone. Writes to nothing but the cache, which persists before anybody hears of it.
 */
export function createSync({
  client,
  connected,
  cache,
  node,
  onRefused,
  limits = maxHeldBytes,
  log,
  random = Math.random,
}: SyncDeps): Sync {
  const fixed: readonly Scope[] = [
    { name: 'pods', resource: pods, query: { fieldSelector: `spec.nodeName=${node}` } },
    { name: 'services', resource: services, query: {} },
    { name: 'endpointslices', resource: endpointSlices, query: {} },
    { name: 'nodes', resource: nodes, query: {} },
  ]

  // A single object has no share: it is the cache that holds it or does not.
  const holdings = new Map(fixed.map(({ name, resource }) => [name, new Holdings(limits[name] ?? Infinity, cache.list(resource))]))

  /** What is kept of an object, if there is room for it; of one that outgrew its room the state that is held. */
  const held = ({ name, resource }: Scope, object: KubeObject): readonly KubeObject[] =>
    neededOf(object, node).flatMap((needed) => {
      const list = holdings.get(name)
      const isSelf = resource === nodes && needed.metadata.name === node
      if (list === undefined) return [needed]
      const before = cache.get(resource, needed.metadata)
      if (isSelf || list.take(needed)) return [withSpecOf(before, needed)]
      const known = list.has(needed) ? before : undefined
      if (known !== undefined) return [withEndOf(known, needed)]
      if (resource === pods) refused.set(keyOf(needed), outlineOf(needed as Pod)) // of the scope of pods
      return []
    })
  /** Pods for which there was no room, until all that was heard with them is dealt with: what goes at the same time makes room. */
  const refused = new Map<string, PodOutline>()
  const settle = (scope: string) => {
    const list = holdings.get(scope)
    const fact = leftOutFact(scope)
    if (list?.problem(scope) === undefined) cache.facts.delete(fact)
    else cache.facts.set(fact, true)
    if (scope !== 'pods') return
    if (!list?.hasRoomAgain()) for (const pod of refused.values()) onRefused?.(pod, list?.refusal(keyOf(pod)) ?? '')
    refused.clear()
  }

  const list = async (scope: Scope, signal: AbortSignal) => {
    const { name, resource, query } = scope
    for (;;) {
      try {
        const objects: KubeObject[] = []
        const keys = new Set<string>()
        const add = (items: readonly KubeObject[]) => {
          for (const item of items) {
            if (typeof item?.metadata?.name === 'string') keys.add(keyOf(item))
            objects.push(...held(scope, item))
          }
        }
        let page = await client.list(resource, { ...query, limit: pageSize }, { signal })
        add(page.items)
        while (page.metadata.continue) {
          page = await client.list(resource, { ...query, limit: pageSize, continue: page.metadata.continue }, { signal })
          add(page.items)
        }
        holdings.get(name)?.keepOnly(keys)
        settle(name)
        return cache.replace(name, resource, objects, page.metadata.resourceVersion)
      } catch (error) {
        // The pages of one list are of one version; when that is compacted between two of them the list starts over.
        if (!mustListAgain(error)) throw error
      }
    }
  }

  /** Ends with the connection, or when there is room again for what was left out. */
  const watch = async (scope: Scope, resourceVersion: string, signal: AbortSignal) => {
    const { name, resource, query } = scope
    const list = holdings.get(name)
    using attempt = linkSignals(signal)
    // What the cache has lost is listed anew: a watch tells changes only.
    const unsubscribe = cache.subscribe(resource, () => {
      if (cache.resourceVersion(name) === undefined) attempt.abort()
    })
    const events = client.watch(resource, { ...query, resourceVersion, allowWatchBookmarks: true }, { signal: attempt.signal })
    try {
      for await (const batch of inBatches(events, { max: maxBatch, maxBytes: maxBatchBytes, bytesOf })) {
        if (attempt.signal.aborted) return
        const changes = changesOf(batch, resourceVersion)
        // What goes makes room for what comes.
        for (const { namespace = '', name } of changes.deletes) list?.drop(`${namespace}/${name}`)
        const puts = changes.puts.flatMap((object) => held(scope, object))
        settle(name)
        cache.apply({ scope: name, resource, ...changes, puts })
        if (list?.hasRoomAgain()) return
      }
    } catch (error) {
      if (!attempt.signal.aborted || error instanceof NotKept) throw error
    } finally {
      unsubscribe()
      attempt.abort()
    }
  }

  /** Resolves when what the cache refused would be taken: until then it is not worth fetching. */
  const room = async ({ name }: Scope, signal: AbortSignal) => {
    while (!signal.aborted && !cache.hasRoom(name)) await changeOf(cache, [configMaps, secrets], signal)
  }

  /** Follows one scope until the signal aborts; the hub being away is nothing special. */
  const follow = async (scope: Scope, signal: AbortSignal) => {
    const backoff = createBackoff({ firstMs: 100, maxMs: 30_000, random })
    // A watch does not tell of what an earlier life had no room for.
    let relist = cache.facts.get(leftOutFact(scope.name)) === true
    let told = ''
    while (!signal.aborted) {
      try {
        await connected(signal)
        const version = cache.resourceVersion(scope.name)
        if (version === undefined || relist || holdings.get(scope.name)?.hasRoomAgain()) {
          await list(scope, signal)
          relist = false
          if (told !== '') log.info({ scope: scope.name }, 'following again')
          told = ''
          continue
        }
        const since = performance.now()
        await watch(scope, version, signal)
        // A watch that ends at once, again and again, must not turn in circles.
        if (performance.now() - since > 1000) backoff.reset()
        else await sleep(backoff.next(), signal).catch(() => {})
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof NotKept) {
          await room(scope, signal)
          continue
        }
        if (mustListAgain(error)) {
          relist = true
          continue
        }
        const text = messageOf(error)
        // Said once and not at every try.
        if (text !== told) log.warn({ scope: scope.name, error: text }, 'objects cannot be followed')
        told = text
        await sleep(backoff.next(), signal).catch(() => {})
      }
    }
  }

  /** Follows each object that a wanted pod names, and drops it when no pod does any more. */
  const followReferences = async (signal: AbortSignal) => {
    const followed = new Map<string, { readonly own: LinkedSignal; readonly done: Promise<void> }>()
    const refused = new Set<string>()
    try {
      while (!signal.aborted) {
        const changed = changeOf(cache, [pods], signal)
        // Before the first list "no pods" is no information.
        if (cache.hasSynced('pods')) {
          const wanted = referencesOf(cache.list(pods))
          for (const scope of storedScopes(cache)) if (!wanted.has(scope) && !followed.has(scope)) cache.forget(scope)
          for (const [scope, { own, done }] of followed) {
            if (wanted.has(scope)) continue
            followed.delete(scope)
            own.abort()
            await done
            cache.forget(scope)
          }
          for (const scope of refused) {
            if (wanted.has(scope) && followed.size >= maxReferences) continue
            refused.delete(scope)
            cache.forget(scope)
          }
          for (const [scope, reference] of wanted) {
            if (followed.has(scope) || refused.has(scope)) continue
            if (followed.size >= maxReferences) {
              refused.add(scope)
              cache.withhold(scope, `the pods of this node name more than ${maxReferences} ConfigMaps and Secrets`)
              continue
            }
            const own = linkSignals(signal)
            followed.set(scope, { own, done: follow(scopeFor(reference), own.signal).finally(() => own[Symbol.dispose]()) })
          }
        }
        await changed
      }
    } finally {
      await Promise.all([...followed.values()].map(({ done }) => done))
    }
  }

  return {
    name: 'sync',
    problems: () => [...holdings].flatMap(([name, list]) => list.problem(name) ?? []),
    async run(signal) {
      using all = linkSignals(signal)
      await Promise.all([...fixed.map((scope) => follow(scope, all.signal)), followReferences(all.signal)])
    },
  }
}

const leftOutFact = (scope: string) => `left-out/${scope}`

/** Resolves with the next change of one of these resources, or with the signal. */
const changeOf = (cache: Cache, resources: readonly Resource[], signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      signal.removeEventListener('abort', end)
      for (const unsubscribe of subscriptions) unsubscribe()
      resolve()
    }
    const subscriptions = resources.map((resource) => cache.subscribe(resource, end))
    signal.addEventListener('abort', end, { once: true })
  })

const scopeFor = (reference: Reference): Scope => ({
  name: scopeOf(reference),
  resource: reference.type === 'secrets' ? secrets : configMaps,
  query: { namespace: reference.namespace, fieldSelector: `metadata.name=${reference.name}` },
})

/** The scopes of single objects that an earlier life of the agent has left, also of those that did not exist. */
const storedScopes = (cache: Cache): readonly string[] => cache.scopes().filter((scope) => /^(secrets|configmaps)\//.test(scope))

/** The sum of some events: of an object that changed twice only the last counts. */
function changesOf(batch: readonly WatchEvent<KubeObject>[], before: string) {
  const changes = new Map<string, WatchEvent<KubeObject>>()
  let resourceVersion = before
  for (const event of batch) {
    const metadata = event.object?.metadata as KubeObject['metadata'] | undefined // one that is no object must not end the watch
    resourceVersion = metadata?.resourceVersion ?? resourceVersion
    if (event.type !== 'BOOKMARK' && metadata?.name !== undefined) changes.set(`${metadata.namespace ?? ''}/${metadata.name}`, event)
  }
  const all = [...changes.values()]
  return {
    puts: all.filter(({ type }) => type !== 'DELETED').map(({ object }) => object),
    deletes: all
      .filter(({ type }) => type === 'DELETED')
      .map(({ object: { metadata } }) => ({
        name: metadata.name,
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      })),
    resourceVersion,
  }
}
