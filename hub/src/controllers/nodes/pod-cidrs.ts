import { type Cidr, expectCidr, formatCidr, overlap, parseCidr, sizeOf } from '@bramble/shared/meta/ip.ts'

/** Room for 254 pods on a node: more than any board runs. */
export const nodeBits = 24

export type PodCidrs = {
  readonly capacity: number
  /** What a node has, in place of what it had. */
  readonly put: (node: string, cidrs: readonly string[]) => void
  readonly remove: (node: string) => void
  readonly next: () => string | undefined
}

/**
 * Hands out a block of the cluster's pod addresses per node. It goes round, so that the block of a node that left is the last to be
 * used again: other nodes may still have routes to it. A block wider than any that is given here is somebody's own: it is gone round
 * while there is room elsewhere, and does not count when there is none, because one such would take the addresses of all others.
 */
export function createPodCidrs(clusterCidr: string): PodCidrs {
  const cluster = expectCidr(clusterCidr)
  if (cluster.bits > nodeBits) throw new Error(`the cluster CIDR ${clusterCidr} has no room for a /${nodeBits} per node: give a larger one`)
  const capacity = 2 ** (nodeBits - cluster.bits)
  let cursor = 0
  const block = (index: number): Cidr => ({ base: cluster.base + index * sizeOf({ bits: nodeBits }), bits: nodeBits })

  const had = new Map<string, readonly Cidr[]>()
  /** By block, how many have it or a part of it. */
  const taken = new Map<number, number>()
  const wide = new Set<Cidr>()

  const count = (cidr: Cidr, by: 1 | -1) => {
    if (cidr.bits < nodeBits) return void (by > 0 ? wide.add(cidr) : wide.delete(cidr))
    for (const address of [cidr.base, cidr.base + sizeOf(cidr) - 1]) {
      const index = Math.floor((address - cluster.base) / sizeOf({ bits: nodeBits }))
      const left = (taken.get(index) ?? 0) + by
      if (left === 0) taken.delete(index)
      else taken.set(index, left)
    }
  }
  const remove = (node: string) => {
    for (const cidr of had.get(node) ?? []) count(cidr, -1)
    had.delete(node)
  }
  const free = (goneRound: Iterable<Cidr>): string | undefined => {
    for (let tried = 0; tried < capacity; tried += 1) {
      const index = (cursor + tried) % capacity
      const candidate = block(index)
      if (taken.has(index) || [...goneRound].some((each) => overlap(each, candidate))) continue
      cursor = (index + 1) % capacity
      return formatCidr(candidate)
    }
    return undefined
  }

  return {
    capacity,
    remove,
    put(node, cidrs) {
      remove(node)
      const parsed = cidrs.flatMap((text) => parseCidr(text) ?? [])
      if (parsed.length > 0) had.set(node, parsed)
      for (const cidr of parsed) count(cidr, 1)
    },
    next: () => free(wide) ?? (wide.size > 0 ? free([]) : undefined),
  }
}
