import type { KubeObject } from '@bramble/shared/api/client.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../../store/store.ts'
import { deepFreeze } from '../../json.ts'

/**
 * Parsed objects, of each revision one for each version that it is asked for in. Whoever keeps one keeps it for all: informers of the same
 * kind, a list and a watch, share one copy as long as it lives.
 */
export type ParsedObjects = { objectOf(kind: Kind, entry: Entry, read: () => KubeObject): KubeObject }

/** The newest are kept: enough for what one list or one busy second touches, and a few MiB however large they are. */
const keptCount = 2048
const keptText = 4 * 1024 * 1024

/** Of a revision the version that was asked for last. */
type Kept = { readonly kind: Kind; readonly object: KubeObject; readonly length: number }

export function createParsed(): ParsedObjects {
  // Asking this for what lives takes ten times as long as a look at what is kept.
  const alive = new WeakMap<Kind, WeakMap<Entry, WeakRef<KubeObject>>>()
  const kept = new LatestMap<Entry, Kept>({ count: keptCount, size: keptText, sizeOf: ({ length }) => length })
  return {
    objectOf(kind, entry, read) {
      const last = kept.get(entry)
      if (last?.kind === kind) return last.object
      let ofKind = alive.get(kind)
      if (ofKind === undefined) alive.set(kind, (ofKind = new WeakMap()))
      const known = ofKind.get(entry)?.deref()
      if (known !== undefined) return known
      const object = deepFreeze(read())
      ofKind.set(entry, new WeakRef(object))
      kept.set(entry, { kind, object, length: entry.value.length })
      return object
    },
  }
}
