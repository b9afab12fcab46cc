import { type Cidr, expectCidr, formatCidr, overlap, parseCidr, sizeOf } from '@bramble/shared/meta/ip.ts'

/** Room for 254 pods on a node: more than any board runs. */
export const nodeBits = 24

export type PodCidrs = { readonly capacity: number; readonly next: (taken: readonly string[]) => string | undefined }

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

  return {
    capacity,
    next(taken) {
      const blocks = taken.flatMap((text) => parseCidr(text) ?? [])
      const given = blocks.filter(({ bits }) => bits >= nodeBits)
      return free(blocks) ?? (given.length < blocks.length ? free(given) : undefined)
    },
  }

  function free(blocks: readonly Cidr[]): string | undefined {
    for (let tried = 0; tried < capacity; tried += 1) {
      const index = (cursor + tried) % capacity
      const candidate = block(index)
      if (blocks.some((each) => overlap(each, candidate))) continue
      cursor = (index + 1) % capacity
      return formatCidr(candidate)
    }
    return undefined
  }
}
