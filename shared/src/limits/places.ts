/** Who holds a place, and how it is taken from him. */
export type Guest = { readonly of: string; readonly end: () => void }

/**
 * Places for connections, so many for one and in all: for those whom nobody knows yet one is an address, for the others an identity.
 * Who comes when all are taken gets the place of the one that has waited longest, from the one that has most: who joins is done in a
 * second and never has, who holds places for nothing always has. So a flood costs itself its places, also when an honest board comes
 * from the flood's own address (NAT).
 */
export function createPlaces({ ofOne, inAll }: { readonly ofOne: number; readonly inAll: number }) {
  // Sets keep the order in which they came.
  const byOne = new Map<string, Set<Guest>>()
  let count = 0

  const leave = (guest: Guest): void => {
    const guests = byOne.get(guest.of)
    if (guests?.delete(guest) !== true) return
    count -= 1
    if (guests.size === 0) byOne.delete(guest.of)
  }
  const endOldest = (guests: Iterable<Guest>): void => {
    for (const oldest of guests) {
      leave(oldest)
      oldest.end()
      return
    }
  }

  return {
    get count() {
      return count
    },
    enter(guest: Guest): void {
      let guests = byOne.get(guest.of)
      if (guests === undefined) byOne.set(guest.of, (guests = new Set()))
      guests.add(guest)
      count += 1
      if (guests.size > ofOne) endOldest(guests)
      else if (count > inAll) endOldest([...byOne.values()].reduce((most, each) => (each.size > most.size ? each : most)))
    },
    /** It is gone, or known by now. */
    leave,
  }
}
