import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { sourceRangesAnnotation } from '@bramble/shared/meta/source-ranges.ts'
import type { Skip } from './usable.ts'

/** One Service, and what it asks of the rules. */
export type Asking = { readonly service: Service; readonly slices: readonly EndpointSlice[] }

/**
 * What the rules of all Services may have in parts: about ten times what a large cluster has, and as much as the smallest board makes
 * in a second. A Service has a part for each of its ports with each endpoint, address and source range, so two objects may ask for millions.
 */
const mostParts = 50_000

/** With affinity each endpoint has a set, a chain and two rules of its own. */
const partsWithAffinity = 5

/** Those that have room together, in their order: the small ones first, so that one without measure keeps nobody out but itself. */
export function withinBudget(asking: readonly Asking[], skip: Skip): readonly Asking[] {
  const sized = asking.map((each) => ({ each, parts: partsOf(each) }))
  let left = mostParts
  const kept = new Set<Asking>()
  for (const { each, parts } of [...sized].sort((a, b) => a.parts - b.parts)) {
    left -= parts
    if (left >= 0) kept.add(each)
    else skip(tooLarge(each, parts))
  }
  return asking.filter((each) => kept.has(each))
}

function partsOf({ service: { metadata, spec, status }, slices }: Asking): number {
  const endpoints = slices.reduce((sum, slice) => sum + (slice.endpoints ?? []).length, 0)
  const addresses = (spec.clusterIPs ?? []).length + (spec.externalIPs ?? []).length + (status?.loadBalancer?.ingress ?? []).length
  const ranges = (spec.loadBalancerSourceRanges ?? []).length || (metadata.annotations?.[sourceRangesAnnotation] ?? '').split(',').length
  const each = endpoints * (spec.sessionAffinity === 'ClientIP' ? partsWithAffinity : 1) + addresses + ranges
  return (spec.ports ?? []).length * each
}

const tooLarge = ({ service: { metadata, spec } }: Asking, parts: number) =>
  `Service ${metadata.namespace}/${metadata.name} is left out: its ${(spec.ports ?? []).length} ports with their endpoints, addresses and source ranges have ${parts} parts, and the rules of this node have no room for them beside the smaller Services (${mostParts} in all): give it fewer`
