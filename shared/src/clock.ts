/** Where time comes from, so that tests own it. */
export type Clock = {
  /** Wall time in epoch milliseconds; may jump on a board without a real-time clock. */
  now(): number
  /** Milliseconds that only ever grow; for every timeout and age. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Of the machine and not of the process: what one life of a process noted, the next may compare with within one boot.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
}
