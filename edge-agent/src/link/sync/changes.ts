import { keyOf, keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, WatchEvent } from '@bramble/shared/api/client.ts'

/** The sum of some events: of an object that changed twice only the last counts. */
export function changesOf(batch: readonly WatchEvent<KubeObject>[], before: string) {
  const changes = new Map<string, WatchEvent<KubeObject>>()
  let resourceVersion = before
  for (const event of batch) {
    const metadata = event.object?.metadata as KubeObject['metadata'] | undefined // one that is no object must not end the watch
    resourceVersion = metadata?.resourceVersion ?? resourceVersion
    if (event.type !== 'BOOKMARK' && metadata?.name !== undefined) changes.set(keyTextOf(event.object), event)
  }
  const all = [...changes.values()]
  return {
    puts: all.filter(({ type }) => type !== 'DELETED').map(({ object }) => object),
    deletes: all.filter(({ type }) => type === 'DELETED').map(({ object }) => keyOf(object)),
    resourceVersion,
  }
}
