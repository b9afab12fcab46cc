import type { Clock } from '@bramble/shared/clock.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { type ResourceQuota, resourceQuotas } from '@bramble/shared/kinds/resource-quota.ts'
import type { Quantities } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry, Store, Write } from '../../store/store.ts'
import { type HubPart, hubParts } from '../authz/hub-parts.ts'
import { storageCodec } from '../objects/stored/storage-codec.ts'
import { createConversions } from '../ownership/converting.ts'
import { ownersText, readOwners } from '../ownership/owners.ts'
import { ownersAfterUpdate } from '../ownership/update.ts'
import { createVersions } from '../ownership/versions.ts'
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
  /** How it is written with this used. */
  readonly withUsed: (stored: Stored, used: Quantities) => Write
  /** How it is written with this used, counted under what it allows now. */
  readonly counted: (stored: Stored, used: Quantities) => Write
  /** Whether that would change anything. */
  readonly isUpToDate: (stored: Stored, used: Quantities) => boolean
}

const ofStatus = { kind: resourceQuotas, subresource: 'status', scope: 'status' } as const

/** Of the objects of a kind in the store. */
export type PrefixOf = (kind: Kind, namespace?: string) => string

export type QuotasOfDeps = { readonly store: Store; readonly prefixOf: PrefixOf; readonly clock: Pick<Clock, 'now'> }

export function createQuotasOf({ store, prefixOf, clock }: QuotasOfDeps): QuotasOf {
  const codec = storageCodec(resourceQuotas)
  // There is one version of them, and nothing to convert.
  const versions = createVersions(resourceQuotas, { kinds: { byKind: () => undefined }, conversions: createConversions() })
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
  /** By whom: as in Kubernetes the apiserver for what it lets in, and the controller manager for what was counted. */
  const written = ({ entry, quota }: Stored, status: NonNullable<ResourceQuota['status']>, { manager }: HubPart): Write => {
    const { resourceVersion: _revision, ...metadata } = quota.metadata
    const next = { ...quota, metadata, status }
    const step = { before: quota, after: next, apiVersion: apiVersionOf(resourceQuotas), place: ofStatus }
    const owners = codec.ownersOf(entry.value)
    const known = readOwners(owners)
    const after = ownersAfterUpdate(versions, step, known, { manager, now: formatTime(new Date(clock.now())) })
    return { key: entry.key, value: codec.encode(next, after === known ? owners : ownersText(after)), expected: entry.revision }
  }
  return {
    hasAny: (namespace) => store.list(prefixOf(resourceQuotas, namespace), { limit: 1 }).entries.length > 0,
    all: (namespace) => under(prefixOf(resourceQuotas, namespace)),
    everywhere: () => under(prefixOf(resourceQuotas)),
    withUsed: (stored, used) => written(stored, { hard: stored.quota.status?.hard ?? {}, used: amountsOf(used) }, hubParts.apiserver),
    counted: (stored, used) => written(stored, { hard: stored.quota.spec?.hard ?? {}, used: amountsOf(used) }, hubParts.controllers),
    isUpToDate: ({ quota: { spec, status } }, used) =>
      isSameJson(status?.hard ?? {}, spec?.hard ?? {}) && isSameJson(status?.used ?? {}, amountsOf(used)),
  }
}
