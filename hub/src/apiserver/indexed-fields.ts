import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import { bucketOf, type FieldsOf } from '../store/store.ts'
import { prefixOf } from './registry.ts'

/** What the store finds objects by, read from the text that it keeps. One that cannot be read is found by nothing. */
export function indexedFields(kinds: readonly Kind[]): FieldsOf {
  const indexed = new Map(kinds.filter(({ indexedFields: fields }) => fields !== undefined).map((kind) => [prefixOf(kind), kind]))
  return (key, value) => {
    const kind = indexed.get(bucketOf(key) ?? '')
    if (kind === undefined) return undefined
    try {
      const object = JSON.parse(value) as KubeObject // it was checked when it was written
      return Object.fromEntries((kind.indexedFields ?? []).map((field) => [field, kind.selectableFields?.[field]?.(object) ?? '']))
    } catch {
      return undefined
    }
  }
}
