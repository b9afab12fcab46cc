/** Who holds a place, and how it is taken from him. */
export type Guest = {
  readonly of: string
  readonly end: () => void
  /** Whether he has begun what he came for; without it nobody can tell. */
  readonly isUnderWay?: () => boolean
}

/**
 * Places for connections, so many for one and in all: for those whom nobody knows yet one is an address, for the others an identity.
 * Who comes when all are taken gets a place from the one that has most: that of the oldest who has not begun anything, and when all have,
 * that of the oldest but for the first half, who are left to finish. So a flood costs itself its places, also when an honest board comes from
 * the flood's own address (NAT); and of a fleet that comes at once behind one address some always get through, however slow all is.
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
  const endOneOf = (guests: ReadonlySet<Guest>, newcomer: Guest): void => {
    const ended = whoGivesWay(guests, newcomer)
    leave(ended)
    ended.end()
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
      if (guests.size > ofOne) endOneOf(guests, guest)
      else if (count > inAll)
        endOneOf(
          [...byOne.values()].reduce((most, each) => (each.size > most.size ? each : most)),
          guest,
        )
    },
    /** It is gone, or known by now. */
    leave,
  }
}

function whoGivesWay(guests: ReadonlySet<Guest>, newcomer: Guest): Guest {
  let underWay = 0
  let last: Guest | undefined
  for (const guest of guests) {
    if (guest === newcomer) continue
    if (guest.isUnderWay?.() !== true) return guest
    underWay += 1
    if (underWay > guests.size / 2) last ??= guest
  }
  return last ?? newcomer
}
