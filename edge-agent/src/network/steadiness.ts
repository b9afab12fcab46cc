// What network time corrects all day, and a leap second, are no reason to distrust an age.
const toleratedMs = 5_000

type Times = { readonly wall: number; readonly monotonic: number }

/** Whether ages measured by the wall clock can be trusted: it has not been set within the last `forMs`. Asked again and again. */
export function createSteadiness(forMs: number): (times: Times) => boolean {
  let before: number | undefined
  let setAt = -Infinity
  return ({ wall, monotonic }) => {
    const offset = wall - monotonic
    if (before !== undefined && Math.abs(offset - before) > toleratedMs) setAt = monotonic
    before = offset
    return monotonic - setAt >= forMs
  }
}
