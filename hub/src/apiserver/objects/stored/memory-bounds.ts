import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import type { Bound, BoundOf } from '../../../store/store.ts'
import { prefixOf } from '../registry.ts'

/** What the store keeps of each kind that is in memory only. What dies anyway makes room; what somebody holds by it, as a lease, does not. */
export function memoryBounds(kinds: KindSet): BoundOf {
  const bounds = derived(kinds, boundsOf)
  return (prefix) => bounds().get(prefix)
}

const boundsOf = (kinds: readonly Kind[]): ReadonlyMap<string, Bound> =>
  new Map(
    kinds.flatMap((kind) =>
      kind.kept === undefined
        ? []
        : [[prefixOf(kind), { ...kind.kept, whenFull: kind.ttlMs === undefined ? 'refuse' : 'oldest-go' }] as const],
    ),
  )
