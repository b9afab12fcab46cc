export type PoolOptions = {
  readonly from: number
  readonly to: number
  /** Numbers below are only given to those who ask for them. */
  readonly firstDrawn: number
  readonly random: () => number
}

/** Numbered things that are held by one owner at a time. Keys are numbers as text, or such with a prefix of the caller's (`TCP/30080`). */
export type Pool = {
  /** Draws a free number; undefined when there is none. `keyOf` makes its key. */
  draw(owner: string, keyOf: (number: number) => string): number | undefined
  /** Takes this one; false when another owner has it. */
  take(key: string, owner: string): boolean
  /** Notes what is held already, whoever thinks otherwise: it is stored. */
  hold(key: string, owner: string): void
  release(key: string, owner: string): void
}

/** Guesses before the pool is walked through; it is nearly full when so many miss. */
const guesses = 32

export function createPool({ to, firstDrawn, random }: PoolOptions): Pool {
  const owners = new Map<string, string>()
  const count = to - firstDrawn + 1
  return {
    draw(owner, keyOf) {
      const claim = (number: number) => {
        const key = keyOf(number)
        if (owners.has(key)) return false
        owners.set(key, owner)
        return true
      }
      for (let guess = 0; guess < guesses; guess++) {
        const number = firstDrawn + Math.floor(random() * count)
        if (claim(number)) return number
      }
      for (let number = firstDrawn; number <= to; number++) if (claim(number)) return number
      return undefined
    },
    take(key, owner) {
      const holder = owners.get(key)
      if (holder !== undefined && holder !== owner) return false
      owners.set(key, owner)
      return true
    },
    hold: (key, owner) => void owners.set(key, owner),
    release(key, owner) {
      if (owners.get(key) === owner) owners.delete(key)
    },
  }
}
