import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry, StoreEvent } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'

export type Told = { readonly type: RawWatchEvent['type']; readonly entry: Entry }

/** Of one object: what was known of it before the first of the changes, whether that went, and what there is of it since. */
type Became = { readonly before: Entry | undefined; gone: Entry | undefined; now: Entry | undefined }

/**
 * What somebody hears who knew everything before the first of these changes and is told of all of them at once: of each object what has become
 * of it, in the order of revisions. Nothing of what came and went meanwhile, nor of what looks as it did.
 */
export function newsOf(
  kind: Kind,
  { hasText, looksSame }: Pick<Registry, 'hasText' | 'looksSame'>,
  changes: readonly StoreEvent[],
): Told[] {
  const all = new Map<string, Became>()
  for (const { type, entry, previous } of changes) {
    let became = all.get(entry.key)
    if (became === undefined) {
      // Of what cannot be read nobody has heard.
      const before = previous !== undefined && hasText(kind, previous) ? previous : undefined
      all.set(entry.key, (became = { before, gone: undefined, now: before }))
    }
    if (type === 'delete') {
      if (became.before !== undefined) became.gone ??= entry
      became.now = undefined
    } else if (hasText(kind, entry)) became.now = entry
  }
  const told: Told[] = []
  for (const { before, gone, now } of all.values()) {
    if (gone !== undefined) told.push({ type: 'DELETED', entry: gone })
    if (now === undefined || now === before) continue
    if (before === undefined || gone !== undefined) told.push({ type: 'ADDED', entry: now })
    else if (looksSame?.(kind, before, now) !== true) told.push({ type: 'MODIFIED', entry: now })
  }
  return told.sort((a, b) => a.entry.revision - b.entry.revision)
}
