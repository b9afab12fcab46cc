import type { KubeObject } from '@bramble/shared/api/client.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import { bucketOf, type FieldsOf } from '../../store/store.ts'
import { fieldsOfClaim, isClaims } from './claims.ts'
import { memoryBounds } from './memory-bounds.ts'
import { prefixOf } from './registry.ts'

/** What the store has to know of the kinds: by which fields it finds their objects, which are never written, and how many of those it keeps. */
export const storing = (kinds: KindSet) => ({
  fieldsOf: fieldsOf(kinds),
  isMemory: isMemory(kinds),
  boundOf: memoryBounds(kinds),
})

/** Read from the text that the store keeps. One that cannot be read is found by nothing. */
function fieldsOf(kinds: KindSet): FieldsOf {
  const indexed = derived(
    kinds,
    (all) => new Map(all.filter(({ indexedFields }) => indexedFields !== undefined).map((kind) => [prefixOf(kind), kind])),
  )
  return (key, value) => {
    if (isClaims(key)) return fieldsOfClaim(value)
    const kind = indexed().get(bucketOf(key) ?? '')
    if (kind === undefined) return undefined
    try {
      const object = JSON.parse(value) as KubeObject // it was checked when it was written
      return Object.fromEntries((kind.indexedFields ?? []).map((field) => [field, kind.selectableFields?.[field]?.(object) ?? '']))
    } catch {
      return undefined
    }
  }
}

function isMemory(kinds: KindSet): (prefix: string) => boolean {
  const memory = derived(kinds, (all) => new Set(all.filter(({ durability }) => durability === 'memory').map((kind) => prefixOf(kind))))
  return (prefix) => memory().has(prefix)
}
