export type PoolOptions = {
  readonly from: number
  readonly to: number
  /** Numbers below are only given to those who ask for them. */
  readonly firstDrawn: number
  readonly random: () => number
}

/** Keeps a number for a write that is under way; given back when it is over. */
export type Claim = Disposable & { readonly key: string }

/**
 * Numbered things that belong to one owner at a time. Keys are numbers as text, or such with a prefix of the caller's (`TCP/30080`).
 * A number is free when no stored object has it and no write under way has claimed it: several writes of one owner may claim the
 * same number, and the end of one takes it from none of the others, nor from what is stored.
 */
export type Pool = {
  /** Draws a free number; undefined when there is none. `keyOf` makes its key. */
  draw(owner: string, keyOf: (number: number) => string): (Claim & { readonly number: number }) | undefined
  /** Claims this one; undefined when another owner has it. */
  claim(key: string, owner: string): Claim | undefined
  /** Notes what is stored, whoever thinks otherwise. */
  hold(key: string, owner: string): void
  /** The stored object of this owner has it no more. */
  release(key: string, owner: string): void
}

type Holding = { readonly owner: string; isStored: boolean; claims: number }

/** Guesses before the pool is walked through; it is nearly full when so many miss. */
const guesses = 32

export function createPool({ to, firstDrawn, random }: PoolOptions): Pool {
  const holdings = new Map<string, Holding>()
  const count = to - firstDrawn + 1

  const dropUnused = (key: string, holding: Holding) => {
    if (!holding.isStored && holding.claims === 0 && holdings.get(key) === holding) holdings.delete(key)
  }

  const claim = (key: string, owner: string): Claim | undefined => {
    const holding = holdings.get(key) ?? { owner, isStored: false, claims: 0 }
    if (holding.owner !== owner) return undefined
    holdings.set(key, holding)
    holding.claims += 1
    let isOver = false
    return {
      key,
      [Symbol.dispose]() {
        if (isOver) return
        isOver = true
        holding.claims -= 1
        dropUnused(key, holding)
      },
    }
  }

  return {
    draw(owner, keyOf) {
      const claimFree = (number: number) => {
        const claimed = holdings.has(keyOf(number)) ? undefined : claim(keyOf(number), owner)
        return claimed === undefined ? undefined : { ...claimed, number }
      }
      for (let guess = 0; guess < guesses; guess++) {
        const claimed = claimFree(firstDrawn + Math.floor(random() * count))
        if (claimed !== undefined) return claimed
      }
      // From anywhere: whoever takes the whole pool would else walk over all it has taken for each number more.
      const start = Math.floor(random() * count)
      for (let step = 0; step < count; step++) {
        const claimed = claimFree(firstDrawn + ((start + step) % count))
        if (claimed !== undefined) return claimed
      }
      return undefined
    },
    claim,
    hold(key, owner) {
      const holding = holdings.get(key)
      if (holding?.owner === owner) holding.isStored = true
      else holdings.set(key, { owner, isStored: true, claims: 0 })
    },
    release(key, owner) {
      const holding = holdings.get(key)
      if (holding?.owner !== owner) return
      holding.isStored = false
      dropUnused(key, holding)
    },
  }
}
