export type DrawOptions = {
  /** Both inclusive. */
  readonly from: number
  readonly to: number
  readonly random: () => number
}

/** Guesses before all numbers are walked through; they are nearly used up when so many miss. */
const guesses = 32

/** A number that is free, by chance; undefined when none is. */
export function drawNumber({ from, to, random }: DrawOptions, isFree: (number: number) => boolean): number | undefined {
  const count = to - from + 1
  const any = () => from + Math.floor(random() * count)
  for (let guess = 0; guess < guesses; guess++) {
    const number = any()
    if (isFree(number)) return number
  }
  // From anywhere: whoever takes them all would else walk over all it has taken for each number more.
  const start = any() - from
  for (let step = 0; step < count; step++) {
    const number = from + ((start + step) % count)
    if (isFree(number)) return number
  }
  return undefined
}
