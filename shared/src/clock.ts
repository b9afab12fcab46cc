/** Where time comes from, so that tests own it. */
export type Clock = {
  /** Wall time in epoch milliseconds; may jump on a board without a real-time clock. */
  now(): number
  /** Milliseconds that only ever grow; for every timeout and age. */
  monotonic(): number
}

// Counted from the machine's boot and not from the start of the process: what one life of a process noted, the next may compare with.
const bootMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => bootMs + performance.now(),
}
