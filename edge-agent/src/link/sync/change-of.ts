import type { Resource } from '@bramble/shared/api/client.ts'
import type { Cache } from '../../cache/cache.ts'

/** Resolves with the next change of one of these resources, or with the signal. */
export const changeOf = (cache: Pick<Cache, 'subscribe'>, resources: readonly Resource[], signal: AbortSignal): Promise<void> =>
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
