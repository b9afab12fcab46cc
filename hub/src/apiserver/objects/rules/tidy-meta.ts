import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { ObjectMeta, OwnerReference } from '@bramble/shared/meta/object-meta.ts'

/** Takes out of metadata what nobody needs any more: its own address, and owners that are named twice, of which the sender hears. */
export function tidyMeta(metadata: ObjectMeta, warn: (text: string) => void): void {
  delete metadata.selfLink
  const { ownerReferences = [] } = metadata
  const repeated = new Set<string>()
  const kept: OwnerReference[] = []
  const byUid = new Map<string, OwnerReference[]>()
  for (const owner of ownerReferences) {
    const same = byUid.get(owner.uid) ?? []
    if (same.some((known) => isSameJson(known, owner))) repeated.add(owner.uid)
    else {
      kept.push(owner)
      byUid.set(owner.uid, [...same, owner])
    }
  }
  if (repeated.size === 0) return
  metadata.ownerReferences = kept
  warn(
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${[...repeated].join(', ')}`,
  )
}
