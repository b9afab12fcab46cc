import { isIpv4, isIpv6 } from '../meta/ip.ts'
import type { Node } from '../kinds/node.ts'

/** More than any machine has use for; a Node may list many. */
const mostAddresses = 8

/**
 * What a node needs to know of another one: where its pods are and by which address. Everything else of a Node is its own affair, may be
 * large, and would be in the memory and on the card of every other node.
 */
export function nodePeer({ apiVersion, kind, metadata, spec, status }: Node): Node {
  const { name, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata
  const { podCIDR, podCIDRs } = spec ?? {}
  const addresses = (status?.addresses ?? []).filter(({ type, address }) => type === 'InternalIP' && (isIpv4(address) || isIpv6(address)))
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    ...(podCIDR !== undefined && { spec: { podCIDR, ...(podCIDRs !== undefined && { podCIDRs }) } }),
    ...(addresses.length > 0 && { status: { addresses: addresses.slice(0, mostAddresses) } }),
  }
}
