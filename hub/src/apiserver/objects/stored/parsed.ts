import type { KubeObject } from '@bramble/shared/api/client.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../../store/store.ts'
import { frozenLike } from './frozen-like.ts'

/**
 * Parsed objects, of each revision one for each version that it is asked for in. Whoever keeps one keeps it for all: informers of the same
 * kind, a list and a watch, share one copy as long as it lives.
 */
export type ParsedObjects = { objectOf(kind: Kind, entry: Entry, read: () => KubeObject): KubeObject }

/** The newest are kept: enough for what one list or one busy second touches, and a few MiB however large they are. */
const keptCount = 2048
const keptText = 4 * 1024 * 1024

/** Of a key the newest revision, in the version that was asked for last: of what was overwritten nothing is kept. */
type Kept = { readonly entry: Entry; readonly kind: Kind; readonly object: KubeObject }

export function createParsed(): ParsedObjects {
  // Asking this for what lives takes ten times as long as a look at what is kept.
  const alive = new WeakMap<Kind, WeakMap<Entry, WeakRef<KubeObject>>>()
  const kept = new LatestMap<string, Kept>({ count: keptCount, size: keptText, sizeOf: ({ entry }) => entry.value.length })
  // What the next one of the kind most likely says as well. Not kept for that: it may be of any size, and be gone.
  const newest = new WeakMap<Kind, WeakRef<KubeObject>>()
  return {
    objectOf(kind, entry, read) {
      const last = kept.get(entry.key)
      if (last?.entry === entry && last.kind === kind) return last.object
      let ofKind = alive.get(kind)
      if (ofKind === undefined) alive.set(kind, (ofKind = new WeakMap()))
      const known = ofKind.get(entry)?.deref()
      if (known !== undefined) return known
      const object = frozenLike(read(), newest.get(kind)?.deref())
      const ref = new WeakRef(object)
      newest.set(kind, ref)
      ofKind.set(entry, ref)
      if (last === undefined || last.entry.revision <= entry.revision) kept.set(entry.key, { entry, kind, object })
      return object
    },
  }
}
