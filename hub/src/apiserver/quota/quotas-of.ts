import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ResourceQuota, resourceQuotas } from '@bramble/shared/kinds/resource-quota.ts'
import type { Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry, Store, Write } from '../../store/store.ts'
import { storageCodec } from '../objects/stored/storage-codec.ts'
import { amountsOf } from './charge.ts'

/** A quota as it is stored. */
export type Stored = { readonly entry: Entry; readonly quota: ResourceQuota }

export type QuotasOf = {
  /** Without a namespace: in any. */
  readonly hasAny: (namespace: string | undefined) => boolean
  /** Those that can be read; nobody changes them. */
  readonly all: (namespace: string) => readonly Stored[]
  /** Of all namespaces. */
  readonly everywhere: () => readonly Stored[]
  /** How it is written with this used, and with what it allows now if that has changed. */
  readonly withUsed: (stored: Stored, used: Quantities, hard?: Readonly<Record<string, string>>) => Write
  /** Whether that would change anything. */
  readonly isUpToDate: (stored: Stored, used: Quantities) => boolean
}

/** Of the objects of a kind in the store. */
export type PrefixOf = (kind: Kind, namespace?: string) => string

export function createQuotasOf(store: Store, prefixOf: PrefixOf): QuotasOf {
  const codec = storageCodec(resourceQuotas)
  const parsed = new WeakMap<Entry, Stored>()
  const read = (entry: Entry): readonly Stored[] => {
    const known = parsed.get(entry)
    if (known !== undefined) return [known]
    try {
      const stored = { entry, quota: codec.objectOf(entry.value, entry.revision) as ResourceQuota } // of that kind
      parsed.set(entry, stored)
      return [stored]
    } catch {
      return [] // what cannot be read limits nothing, and whoever asks for it is told why
    }
  }
  const under = (prefix: string) => store.list(prefix).entries.flatMap(read)
  return {
    hasAny: (namespace) => store.list(prefixOf(resourceQuotas, namespace), { limit: 1 }).entries.length > 0,
    all: (namespace) => under(prefixOf(resourceQuotas, namespace)),
    everywhere: () => under(prefixOf(resourceQuotas)),
    withUsed({ entry, quota }, used, hard = quota.status?.hard ?? {}) {
      const { resourceVersion: _revision, ...metadata } = quota.metadata
      const next = { ...quota, metadata, status: { hard, used: amountsOf(used) } }
      return { key: entry.key, value: codec.encode(next, codec.ownersOf(entry.value)), expected: entry.revision }
    },
    isUpToDate: ({ quota: { spec, status } }, used) =>
      isSameJson(status?.hard ?? {}, spec?.hard ?? {}) && isSameJson(status?.used ?? {}, amountsOf(used)),
  }
}
