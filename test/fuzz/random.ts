/** Numbers that look like chance and are the same for the same seed on every machine. */
export type Random = {
  /** A whole number below `end`. */
  below(end: number): number
  chance(of: number): boolean
  pick<T>(from: readonly T[]): T
}

/** mulberry32, seeded with the text. */
export function randomOf(seed: string): Random {
  let state = 2_166_136_261
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 16_777_619)
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    below,
    chance: (of) => next() < of,
    pick: (from) => from[below(from.length)] as (typeof from)[number], // no corpus is empty
  }
}
