import { mustListAgain } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Client, KubeObject, ObjectKey } from '@bramble/shared/api/client.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { type Cache, NotKept } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'
import { configMaps, secrets } from '../../resources.ts'
import { changeOf } from './change-of.ts'
import { changesOf } from './changes.ts'
import { bytesOf } from './holdings.ts'
import { inBatches } from './in-batches.ts'
import type { Intake } from './intake.ts'
import type { Scope } from './scope.ts'

export type FollowDeps = {
  readonly client: Client
  /** Resolves when there is a connection: while there is none, nothing is tried. */
  readonly connected: (signal: AbortSignal) => Promise<void>
  readonly cache: Cache
  readonly source: Source
  readonly intake: Intake
  readonly log: Log
  readonly random: () => number
}

// The hub ends a page earlier that would be too long.
const pageSize = 2000
const maxBatch = 256
const maxBatchBytes = 1024 * 1024

/** Follows one scope until the signal aborts; the hub being away is nothing special. */
export type Follow = (scope: Scope, signal: AbortSignal) => Promise<void>

/** Lists once, then watches from the version that the cache has, also over restarts; lists again only when a watch cannot tell what there is. */
export function createFollow({ client, connected, cache, source, intake, log, random }: FollowDeps): Follow {
  const list = async (scope: Scope, signal: AbortSignal): Promise<void> => {
    const { name, resource, query } = scope
    for (;;) {
      try {
        const objects: KubeObject[] = []
        const keys: ObjectKey[] = []
        const add = (items: readonly KubeObject[]) => {
          for (const item of items) {
            if (typeof item?.metadata?.name === 'string') keys.push(item.metadata)
            objects.push(...intake.take(scope, item))
          }
        }
        const { era } = source
        let page = await client.list(resource, { ...query, limit: pageSize }, { signal })
        add(page.items)
        while (page.metadata.continue) {
          page = await client.list(resource, { ...query, limit: pageSize, continue: page.metadata.continue }, { signal })
          add(page.items)
        }
        // Its pages may be of two histories: one of before and one of after a restore.
        if (source.era !== era) continue
        const { resourceVersion } = page.metadata
        intake.keepOnly(scope, [...keys, ...source.staying(name, resourceVersion)])
        intake.settle(scope)
        return source.replace(name, resource, objects, resourceVersion)
      } catch (error) {
        // The pages of one list are of one version; when that is compacted between two of them the list starts over.
        if (!mustListAgain(error)) throw error
      }
    }
  }

  /** Ends with the connection, or when only a list tells what there is. */
  const watch = async (scope: Scope, resourceVersion: string, signal: AbortSignal): Promise<void> => {
    const { name, resource, query } = scope
    using attempt = linkSignals(signal)
    // What the cache has lost is listed anew: a watch tells changes only.
    const unsubscribe = cache.subscribe(resource, () => {
      if (mustList(scope)) attempt.abort()
    })
    const events = client.watch(resource, { ...query, resourceVersion, allowWatchBookmarks: true }, { signal: attempt.signal })
    try {
      for await (const batch of inBatches(events, { max: maxBatch, maxBytes: maxBatchBytes, bytesOf })) {
        if (attempt.signal.aborted) return
        const changes = changesOf(batch, resourceVersion)
        intake.drop(scope, changes.deletes)
        const puts = changes.puts.flatMap((object) => intake.take(scope, object))
        intake.settle(scope)
        source.apply({ scope: name, resource, ...changes, puts })
        if (mustList(scope)) return
      }
    } catch (error) {
      if (!attempt.signal.aborted || error instanceof NotKept) throw error
    } finally {
      unsubscribe()
      attempt.abort()
    }
  }

  const mustList = (scope: Scope): boolean =>
    source.resourceVersion(scope.name) === undefined || source.isListDue(scope.name) || intake.hasRoomAgain(scope)

  /** Resolves when what the cache refused would be taken: until then it is not worth fetching. */
  const room = async ({ name }: Scope, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && !source.hasRoom(name)) await changeOf(cache, [configMaps, secrets], signal)
  }

  return async function follow(scope, signal) {
    const backoff = createBackoff({ firstMs: 100, maxMs: 30_000, random })
    let relist = intake.hasLeftOut(scope)
    let told = ''
    /** Answers what to wait for before the next try. Nobody waits with an error in hand: its stack holds what it was thrown over, of a thousand scopes at once. */
    const attempt = async (): Promise<'room' | 'rest' | undefined> => {
      try {
        await connected(signal)
        const version = source.resourceVersion(scope.name)
        if (version === undefined || relist || mustList(scope)) {
          await list(scope, signal)
          relist = false
          if (told !== '') log.info({ scope: scope.name }, 'following again')
          told = ''
          return undefined
        }
        const since = performance.now()
        await watch(scope, version, signal)
        // A watch that ends at once, again and again, must not turn in circles.
        if (performance.now() - since <= 1000) return 'rest'
        backoff.reset()
      } catch (error) {
        if (signal.aborted) return undefined
        if (error instanceof NotKept) return 'room'
        if (!mustListAgain(error)) {
          const text = messageOf(error)
          // Said once and not at every try.
          if (text !== told) log.warn({ scope: scope.name, error: text }, 'objects cannot be followed')
          told = text
          return 'rest'
        }
        relist = true
      }
      return undefined
    }
    while (!signal.aborted) {
      const awaited = await attempt()
      if (awaited === 'room') await room(scope, signal)
      if (awaited === 'rest') await sleep(backoff.next(), signal).catch(() => {})
    }
  }
}
