import { setMaxListeners } from 'node:events'
import type { KubeObject, Resource } from '@bramble/shared/client.ts'
import type { Service } from '@bramble/shared/service.ts'
import { createInformer } from './informer.ts'
import type { Informer, InformerDeps } from './informer.ts'
import { whenAborted } from './when-aborted.ts'

/** One shared informer per resource, for everything that uses one client. */
export type InformerSet = Service & {
  /**
   * The informer of a resource, made at its first use; one asked for while the set runs starts at once. Who needs no more than the
   * metadata takes the whole copy where there is one already.
   */
  readonly for: <T extends KubeObject>(resource: Resource<T>) => Informer<T>
  /** Resolves once everything asked for so far has been listed; rejects when the signal aborts. */
  readonly whenSynced: (signal: AbortSignal) => Promise<void>
}

export function createInformerSet(deps: InformerDeps): InformerSet {
  const informers = new Map<string, Informer>()
  let start: ((informer: Informer) => void) | undefined

  return {
    name: 'informers',
    for<T extends KubeObject>(resource: Resource<T>): Informer<T> {
      const whole = `${resource.group}/${resource.resource}`
      const key = resource.only === undefined ? whole : `${whole} ${resource.only}`
      const known = informers.get(whole) ?? informers.get(key)
      if (known !== undefined) return known as unknown as Informer<T> // one resource has one object type
      const informer = createInformer(resource, deps)
      informers.set(key, informer as unknown as Informer)
      start?.(informer as unknown as Informer)
      return informer
    },
    async whenSynced(signal) {
      const aborted = whenAborted(signal)
      await Promise.race([Promise.all([...informers.values()].map(({ synced }) => synced)), aborted])
      signal.throwIfAborted()
    },
    async run(signal) {
      // Each informer's watch listens to it.
      setMaxListeners(0, signal)
      const running = new Set<Promise<void>>()
      start = (informer) => running.add(informer.run(signal))
      for (const informer of informers.values()) start(informer)
      await whenAborted(signal)
      start = undefined
      await Promise.all(running)
    },
  }
}
