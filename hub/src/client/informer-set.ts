import { setMaxListeners } from 'node:events'
import { type LinkedSignal, linkSignals } from '@bramble/shared/async/linked-signal.ts'
import type { KubeObject, Resource } from '@bramble/shared/api/client.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { createInformer } from './informer.ts'
import type { Informer, InformerDeps } from './informer.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'

/** One shared informer per resource and version, for everything in the hub that follows what there is: each object is kept once, whoever looks at it. */
export type InformerSet = Service & {
  /**
   * The informer of a resource, made at its first use; one asked for while the set runs starts at once. Who needs no more than the
   * metadata takes the whole copy where there is one already.
   */
  readonly for: <T extends KubeObject>(resource: Resource<T>) => Informer<T>
  /** Ends the informers of a resource that is served no more; asked for again, they begin anew. */
  readonly drop: (resource: Resource) => void
  /** Resolves once these have been listed, or dropped before they were; rejects when the signal aborts. */
  readonly whenSynced: (signal: AbortSignal, these: readonly Pick<Informer, 'synced'>[]) => Promise<void>
}

export function createInformerSet(deps: InformerDeps): InformerSet {
  const informers = new Map<string, Informer>()
  const running = new Map<string, { readonly end: LinkedSignal; readonly done: Promise<void> }>()
  const ends = new WeakMap<object, AbortController>()
  let start: ((key: string, informer: Informer) => void) | undefined

  return {
    name: 'informers',
    for<T extends KubeObject>(resource: Resource<T>): Informer<T> {
      const known = informers.get(wholeKey(resource)) ?? informers.get(keyOf(resource))
      if (known !== undefined) return known as unknown as Informer<T> // one resource has one object type
      const informer = createInformer(resource, deps)
      informers.set(keyOf(resource), informer as unknown as Informer)
      ends.set(informer, new AbortController())
      start?.(keyOf(resource), informer as unknown as Informer)
      return informer
    },
    drop(resource) {
      for (const key of [wholeKey(resource), keyOf(resource)]) {
        const informer = informers.get(key)
        if (informer !== undefined) ends.get(informer)?.abort()
        informers.delete(key)
        running.get(key)?.end.abort()
        running.delete(key)
      }
    },
    async whenSynced(signal, these) {
      const settled = these.map((informer) => {
        const dropped = ends.get(informer)?.signal
        return dropped === undefined ? informer.synced : Promise.race([informer.synced, whenAborted(dropped)])
      })
      await Promise.race([Promise.all(settled), whenAborted(signal)])
      signal.throwIfAborted()
    },
    async run(signal) {
      // Each informer's watch listens to it.
      setMaxListeners(0, signal)
      start = (key, informer) => {
        const end = linkSignals(signal)
        running.set(key, { end, done: informer.run(end.signal) })
      }
      for (const [key, informer] of informers) start(key, informer)
      await whenAborted(signal)
      start = undefined
      await Promise.all([...running.values()].map(({ done }) => done))
      running.clear()
    },
  }
}

const wholeKey = ({ group, version, resource }: Resource) => `${group}/${version}/${resource}`
const keyOf = (resource: Resource) => (resource.only === undefined ? wholeKey(resource) : `${wholeKey(resource)} ${resource.only}`)
