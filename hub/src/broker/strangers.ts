/** Someone connected who has not proved anything yet. */
export type Stranger = { readonly address: string; readonly end: () => void }

/**
 * The places for those whom nobody knows yet, per address and in all. Who comes when all are taken gets the place of the one that
 * has waited longest, from the address that has most: who joins is done in a second and never has, who holds places for nothing
 * always has. So a flood costs itself its places, also when an honest board comes from the flood's own address (NAT).
 */
export function createStrangers({ perAddress, inAll }: { readonly perAddress: number; readonly inAll: number }) {
  // Sets keep the order in which they came.
  const byAddress = new Map<string, Set<Stranger>>()
  let count = 0

  const leave = (stranger: Stranger): void => {
    const known = byAddress.get(stranger.address)
    if (known?.delete(stranger) !== true) return
    count -= 1
    if (known.size === 0) byAddress.delete(stranger.address)
  }
  const endOldest = (strangers: Iterable<Stranger>): void => {
    for (const oldest of strangers) {
      leave(oldest)
      oldest.end()
      return
    }
  }

  return {
    get count() {
      return count
    },
    enter(stranger: Stranger): void {
      let known = byAddress.get(stranger.address)
      if (known === undefined) byAddress.set(stranger.address, (known = new Set()))
      known.add(stranger)
      count += 1
      if (known.size > perAddress) endOldest(known)
      else if (count > inAll) endOldest([...byAddress.values()].reduce((most, each) => (each.size > most.size ? each : most)))
    },
    /** It is gone, or known by now. */
    leave,
  }
}
