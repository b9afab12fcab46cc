import { textAt } from '@bramble/shared/json/text-at.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import { bucketOf, type FieldsOf } from '../../../store/store.ts'
import { fieldsOfClaim, isClaims } from '../claims/claims.ts'
import { memoryBounds } from './memory-bounds.ts'
import { prefixOf } from '../registry.ts'
import { storageCodec } from './storage-codec.ts'

/** What the store has to know of the kinds: by which fields it finds their objects, which are never written, and how many of those it keeps. */
export const storing = (kinds: KindSet) => ({
  fieldsOf: fieldsOf(kinds),
  isMemory: isMemory(kinds),
  boundOf: memoryBounds(kinds),
})

/** Read from the text that the store keeps. What no hub wrote as this kind is found by nothing. */
function fieldsOf(kinds: KindSet): FieldsOf {
  const indexed = derived(
    kinds,
    (all) => new Map(all.filter(({ indexedFields }) => indexedFields !== undefined).map((kind) => [prefixOf(kind), readerOf(kind)])),
  )
  return (key, value) => {
    if (isClaims(key)) return fieldsOfClaim(value)
    try {
      return indexed().get(bucketOf(key) ?? '')?.(value)
    } catch {
      return undefined
    }
  }
}

/** Whatever version an object is stored in, its fields are those that it has in the kind's. Each write and each row of a start reads them: unparsed, where the text is the kind's own. */
function readerOf(kind: Kind): (value: string) => Readonly<Record<string, string>> {
  const codec = storageCodec(kind)
  const fields = (kind.indexedFields ?? []).map((field) => ({ field, path: field.split('.') }))
  return (value) => {
    const parts = codec.barePartsOf(value, 0)
    if (parts !== undefined) {
      const text = parts.join('')
      return Object.fromEntries(fields.map(({ field, path }) => [field, textAt(text, path) ?? '']))
    }
    const object = codec.objectOf(value, 0)
    return Object.fromEntries(fields.map(({ field }) => [field, kind.selectableFields?.[field]?.(object) ?? '']))
  }
}

function isMemory(kinds: KindSet): (prefix: string) => boolean {
  const memory = prefixesOf(kinds, ({ durability }) => durability === 'memory')
  return (prefix) => memory().has(prefix)
}

/** Whether what has this key reaches the disk sealed. */
export function isSealed(kinds: KindSet): (key: string) => boolean {
  const sealed = prefixesOf(kinds, ({ encrypted }) => encrypted === true)
  return (key) => sealed().has(bucketOf(key) ?? '')
}

const prefixesOf = (kinds: KindSet, are: (kind: Kind) => boolean): (() => ReadonlySet<string>) =>
  derived(kinds, (all) => new Set(all.filter(are).map((kind) => prefixOf(kind))))
