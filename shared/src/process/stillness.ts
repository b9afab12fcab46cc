/** Looks in a row without a sign of life, from which on a loop counts as stuck. */
export const looksUntilStuck = 5

/**
 * Whether the one who is watched has stood still, by the watcher's own looks and not by the time of day: while the whole machine
 * sleeps, is stopped or starved, the watcher does not look either.
 */
export function createStillness(): (beats: number) => boolean {
  let seen: number | undefined
  let looks = 0
  return (beats) => {
    looks = beats === seen ? looks + 1 : 0
    seen = beats
    return looks >= looksUntilStuck
  }
}
