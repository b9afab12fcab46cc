import { ownValue } from '@bramble/shared/json/own.ts'
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { WantedNode } from './node-object.ts'

type Metadata = { labels?: Record<string, string | null>; annotations?: Record<string, string | null> }

/** The merge patch of labels and annotations that the hub lacks; undefined when it has them all. Those of others are left alone. */
export function metadataPatch(wanted: WantedNode, seen: Node): { readonly metadata: Metadata } | undefined {
  const labels = missing(wanted.labels, seen.metadata.labels ?? {})
  const annotations = missing(wanted.annotations, seen.metadata.annotations ?? {})
  if (labels === undefined && annotations === undefined) return undefined
  return { metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } }
}

function missing(
  wanted: Readonly<Record<string, string | null>>,
  seen: Readonly<Record<string, string>>,
): Record<string, string | null> | undefined {
  const entries = Object.entries(wanted).filter(([key, value]) => (ownValue(seen, key) ?? null) !== value)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/**
 * The strategic merge patch of the status; undefined when nothing but the time of a heartbeat would change, because a
 * write for that would cost the hub's card one for each node every few seconds.
 */
export function statusPatch({ status: wanted }: WantedNode, seen: Node): { readonly status: object } | undefined {
  const status = seen.status ?? {}
  const conditions = wanted.conditions.filter((condition) => {
    const before = status.conditions?.find(({ type }) => type === condition.type)
    return (
      before === undefined ||
      before.status !== condition.status ||
      before.reason !== condition.reason ||
      before.message !== condition.message
    )
  })
  const patch = {
    ...(conditions.length > 0 && { conditions }),
    ...changedResources('capacity', wanted.capacity, status.capacity),
    ...changedResources('allocatable', wanted.allocatable, status.allocatable),
    ...(!sameAddresses(wanted.addresses, status.addresses ?? []) && { addresses: [{ $patch: 'replace' }, ...wanted.addresses] }),
    ...(Object.entries(wanted.nodeInfo).some(
      ([key, value]) => (status.nodeInfo as Record<string, unknown> | undefined)?.[key] !== value,
    ) && {
      nodeInfo: wanted.nodeInfo,
    }),
    ...(!isDeepStrictEqual(wanted.images, status.images ?? []) && { images: wanted.images }),
  }
  return Object.keys(patch).length === 0 ? undefined : { status: patch }
}

const changedResources = (
  field: 'capacity' | 'allocatable',
  wanted: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, unknown>> | undefined,
) => (Object.entries(wanted).every(([key, value]) => seen?.[key] === value) ? {} : { [field]: wanted })

type Address = { readonly type: string; readonly address: string }
const sameAddresses = (wanted: readonly Address[], seen: readonly Address[]): boolean =>
  wanted.length === seen.length && wanted.every(({ type, address }) => seen.some((each) => each.type === type && each.address === address))
