/** Lets `burst` through at once and then one each `refillMs`. */
export function createTokenBucket({
  burst,
  refillMs,
  now,
}: {
  readonly burst: number
  readonly refillMs: number
  readonly now: () => number
}) {
  let tokens = burst
  let at = now()
  return {
    /** 0 when it may go now (and is counted), else the milliseconds after which to ask again. */
    take(): number {
      const time = now()
      tokens = Math.min(burst, tokens + (time - at) / refillMs)
      at = time
      if (tokens < 1) return Math.max(1, (1 - tokens) * refillMs)
      tokens -= 1
      return 0
    },
  }
}
