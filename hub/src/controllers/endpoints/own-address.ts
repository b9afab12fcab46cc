import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { checkNonSpecialIp, contains, parseCidr, parseIpv4 } from '@bramble/shared/meta/ip.ts'

/** The node of that name, while there is one. */
export type NodeOf = (name: string) => Node | undefined

/**
 * Why an address that a node reported for a pod of its own is not the pod's: undefined when it is. A node has the addresses that the
 * hub gave it and no others, so it cannot make itself the endpoint of another's Service. Of a node that is gone nobody reports any more.
 */
export function whyNotItsOwn({ spec }: Pod, address: string, nodeOf: NodeOf): string | undefined {
  const [complaint] = checkNonSpecialIp(address)
  if (complaint !== undefined) return `the pod's address ${JSON.stringify(address)} ${complaint}`
  const node = nodeOf(spec.nodeName ?? '')
  if (node === undefined) return undefined
  const { name } = node.metadata
  if (spec.hostNetwork === true) {
    const own = (node.status?.addresses ?? []).map((each) => each.address)
    return own.includes(address) ? undefined : `the address ${address} of a pod in the host's network is none of node ${name}`
  }
  const given = [...new Set([node.spec?.podCIDR ?? '', ...(node.spec?.podCIDRs ?? [])])].filter((text) => text !== '')
  const number = parseIpv4(address)
  const isGiven = (text: string) => {
    const cidr = parseCidr(text)
    // Networks of the other family are not given by the hub; who gave one is trusted with it.
    return number === undefined ? text.includes(':') : cidr !== undefined && contains(cidr, number)
  }
  if (given.some(isGiven)) return undefined
  return `the pod's address ${address} is not in the pod network of node ${name} (${given.join(', ') || 'none was given yet'})`
}

/** What of a node the addresses of its pods are checked against. */
export const addressFacts = ({ spec, status }: Node): string =>
  JSON.stringify([spec?.podCIDR, spec?.podCIDRs, (status?.addresses ?? []).map(({ address }) => address)])
