/**
 * A number of things (places, bytes) that several share. Nobody takes more than what would then still be free: one greedy asker gets
 * at most half, two a third each, and whoever comes last always finds as much as each of the others has. That makes it fair without
 * knowing who will come.
 */
export type Shares = {
  take(who: string, amount: number): boolean
  giveBack(who: string, amount: number): void
  readonly taken: number
  /** Nobody would be given anything now. */
  isFull(): boolean
}

/** `most`: what one may have however much is free. */
export function createShares(total: number, most = total): Shares {
  const held = new Map<string, number>()
  let taken = 0
  return {
    get taken() {
      return taken
    },
    isFull: () => total - taken < 2,
    take(who, amount) {
      const own = (held.get(who) ?? 0) + amount
      if (own > most || own > total - taken - amount) return false
      held.set(who, own)
      taken += amount
      return true
    },
    giveBack(who, amount) {
      const own = (held.get(who) ?? 0) - amount
      if (own > 0) held.set(who, own)
      else held.delete(who)
      taken -= amount
    },
  }
}
